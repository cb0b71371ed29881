//! One SRT connection's way from messages to frames: demultiplexed, checked, stripped, packetised once.
//!
//! It withholds pictures that browsers cannot show; what else the connection carries flows on.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::{DemuxEvent, DemuxProblem, Effect, Track, TsDemuxer, Unit, rtp};
use returnfeed_protocol::{Layer, StreamId};

use super::frame::{Content, Frame};
use super::timeline::Timeline;
use crate::media::push::Arrived;
use crate::stage;

/// RTP payload bytes: what fits an IPv6 path of 1280 with UDP, RTP, extensions and the SRTP tag.
const MAX_PAYLOAD: usize = 1_160;
/// A capture time older than this is a clock that is wrong, not a delay.
const CREDIBLE_DELAY: Duration = Duration::from_secs(5);

/// Now, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) instant: Instant,
    pub(crate) unix_us: u64,
}

impl Now {
    /// Reads both clocks.
    pub(crate) fn read() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { instant: Instant::now(), unix_us: u64::try_from(unix.as_micros()).unwrap_or(u64::MAX) }
    }
}

/// What a message brought.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A frame for the viewers.
    Frame(Frame),
    /// The encoder does something that cannot be used.
    Unusable(DemuxProblem),
}

/// One connection.
pub(crate) struct Stream {
    id: StreamId,
    demuxer: TsDemuxer,
    timeline: Timeline,
    video_gap: bool,
    /// The pictures as they are now cannot be shown.
    withheld: bool,
    arrived: Arc<Arrived>,
    delays: Delays,
}

impl Stream {
    pub(crate) fn new(id: StreamId) -> Self {
        Self {
            id,
            demuxer: TsDemuxer::new(),
            timeline: Timeline::default(),
            video_gap: false,
            withheld: false,
            arrived: Arc::default(),
            delays: Delays::default(),
        }
    }

    /// The connection gave up on messages at this point.
    pub(crate) fn handle_loss(&mut self) {
        self.demuxer.handle_loss();
    }

    /// What it brought since it began.
    pub(crate) fn arrived(&self) -> Arc<Arrived> {
        Arc::clone(&self.arrived)
    }

    /// The mean delay from capture to arrival since this was asked last, where any is known.
    pub(crate) fn take_delay(&mut self) -> Option<Duration> {
        std::mem::take(&mut self.delays).mean()
    }

    /// Takes one message; hands everything it completed to `out`. The sender's clock is `ahead_us` ahead of ours.
    pub(crate) fn handle_message(
        &mut self,
        message: &[u8],
        now: Now,
        ahead_us: i64,
        mut out: impl FnMut(Arrival),
    ) {
        self.arrived.bytes.add(message.len());
        self.arrived.messages.add(1);
        self.demuxer.handle_message(message);
        while let Some(event) = self.demuxer.poll_event() {
            match event {
                DemuxEvent::Unit(unit) => {
                    if let Some(frame) = self.frame(&unit, now, ahead_us) {
                        out(Arrival::Frame(frame));
                    }
                }
                DemuxEvent::Discontinuity { track: Track::Video, .. } => self.video_gap = true,
                DemuxEvent::Discontinuity { track: Track::Audio, .. } => {}
                DemuxEvent::Format { .. } => self.withheld = false,
                DemuxEvent::Unusable(problem) => {
                    self.withheld |= problem.effect() == Effect::Withhold;
                    out(Arrival::Unusable(problem));
                }
            }
        }
    }

    fn frame(&mut self, unit: &Unit, now: Now, ahead_us: i64) -> Option<Frame> {
        let base = Frame {
            session: self.id.session,
            layer: self.id.layer,
            content: Content::Audio,
            pts: unit.pts,
            at: now.instant,
            captured: None,
            arrived: now.instant,
            payloads: Vec::new(),
            bytes: unit.data.len(),
        };
        match unit.track {
            Track::Audio => Some(Frame {
                at: self.timeline.place_audio(unit.pts, now.instant),
                payloads: vec![rtp::packetize_opus(&unit.data)],
                ..base
            }),
            Track::Video if self.withheld => None,
            Track::Video => {
                let stamps = capture_time::read(&unit.data).map(|stamps| stamps.on_clock_behind_by(ahead_us));
                if let Some(stamps) = &stamps {
                    record(stamps, self.id.layer, now);
                }
                let delay = stamps.and_then(|stamps| credible_delay(&stamps, now));
                if let Some(delay) = delay {
                    self.delays.add(delay);
                }
                let captured = delay.and_then(|delay| now.instant.checked_sub(delay));
                let after_gap = std::mem::take(&mut self.video_gap);
                Some(Frame {
                    content: Content::Video { keyframe: unit.keyframe, after_gap },
                    at: self.timeline.place_video(unit.pts, now.instant, captured),
                    captured: delay
                        .map(|delay| UNIX_EPOCH + Duration::from_micros(now.unix_us).saturating_sub(delay)),
                    payloads: rtp::packetize_h264(&unit.data, MAX_PAYLOAD),
                    ..base
                })
                .filter(|frame| !frame.payloads.is_empty())
            }
        }
    }
}

/// Delays, to be averaged.
#[derive(Default)]
struct Delays {
    sum: Duration,
    count: u32,
}

impl Delays {
    fn add(&mut self, delay: Duration) {
        self.sum += delay;
        self.count += 1;
    }

    fn mean(self) -> Option<Duration> {
        self.sum.checked_div(self.count)
    }
}

/// How long ago the picture was captured, if both clocks can be believed.
fn credible_delay(stamps: &Stamps, now: Now) -> Option<Duration> {
    let delay = Duration::from_micros(now.unix_us.checked_sub(stamps.captured_us)?);
    (delay <= CREDIBLE_DELAY).then_some(delay)
}

fn record(stamps: &Stamps, layer: Layer, now: Now) {
    stage::record(stage::Stage::Source, layer, stamps.captured_us, stamps.encoder_in_us);
    stage::record(stage::Stage::Encode, layer, stamps.encoder_in_us, stamps.encoder_out_us);
    // What the sender held it before the network, and the network.
    stage::record(stage::Stage::Srt, layer, stamps.encoder_out_us, now.unix_us);
}
