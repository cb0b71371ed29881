//! One WebRTC connection. With `identity` the only file that knows which library makes WebRTC here (str0m, RTP
//! mode, ICE-lite).
//!
//! Sans-IO like the library: after each `handle_*` or `send_*`, call [`Peer::drain`] until the peer has nothing
//! more to say. It refuses offers without H.264 and everything that is not from its own viewer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::Bitrate;
use returnfeed_simulcast::{AudioStream, Report, Sent, SentAudio, VideoStream};
use str0m::bwe::BweKind;
use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{MediaKind, MediaTime, Mid, Pt};
use str0m::net::{DatagramSend, Protocol, Receive, TcpType};
use str0m::rtp::{AbsCaptureTime, ExtensionValues, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, PacerReason, Reason, Rtc};

use super::identity::Identity;
use super::socket::{Path, Transport};
use super::{answer, restart};
use crate::ingest::Frame;
use crate::media::{IceAnswer, IceCredentials, IceRefusal, IceSession, IceUpdate, JoinRefusal};

/// Repetitions kept: about a second and a half of the high layer.
const RTX_PACKETS: usize = 256;
/// A packet this old comes too late for a picture without playout delay.
const RTX_AGE: Duration = Duration::from_secs(1);
/// Share of what is sent that may be repetitions, so that a bad path is not made worse.
const RTX_SHARE: f32 = 0.25;
/// How often a frame says when it was captured, between keyframes: the browser draws the line itself.
const CAPTURE_EVERY: Duration = Duration::from_millis(500);
/// The library wants no wake-up finer than this without a pacer.
const FINEST: Duration = Duration::from_millis(1);

/// What a probe begins from, as if the path were new: the library then sends bursts of 15 ms at three and six times
/// of this, 90 ms of a path of 300 kbps, and goes on only as they get through. Without a new beginning it would take
/// minutes to forget the losses of a congestion.
const PROBED_FROM: str0m::bwe::Bitrate = str0m::bwe::Bitrate::kbps(200);
/// What a probe goes for; the library probes up to twice of it.
const PROBED_TO: str0m::bwe::Bitrate = str0m::bwe::Bitrate::kbps(1_000);
/// A desire so small that the library sends no padding for it.
const UNPROBED: str0m::bwe::Bitrate = str0m::bwe::Bitrate::kbps(2);

/// What a viewer did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PeerEvent {
    /// Pictures can be sent from now on.
    Ready,
    /// The viewer's decoder asks for a keyframe.
    KeyframeWanted,
    /// The viewer's browser said how its network fares.
    Report(Report),
    /// The viewer is gone.
    Gone,
}

#[derive(Clone, Copy)]
struct Track {
    mid: Mid,
    ssrc: Ssrc,
    pt: Pt,
}

/// What the browser said since the last report.
#[derive(Default)]
struct Reports {
    loss: Option<f32>,
    rtt: Option<Duration>,
    /// What the browser itself estimates, if it does (REMB).
    remb: Option<Bitrate>,
    /// Whether there is transport-wide feedback to estimate from.
    estimated: bool,
}

/// How long a picture is held, as the playout-delay extension says it. With 0 and 0 the browser plays at once; else
/// it may hold longer than asked where its own measure says so.
struct Hold {
    delay: Duration,
    min: MediaTime,
    max: MediaTime,
}

impl Hold {
    /// The longest that a browser may choose by itself, in hundredths of a second.
    const MOST: u64 = 40;

    fn new(delay: Duration) -> Self {
        let hundredths = u64::try_from(delay.as_millis() / 10).unwrap_or(Self::MOST).min(Self::MOST);
        let most = if hundredths == 0 { 0 } else { Self::MOST };
        let time = MediaTime::from_hundredths;
        Self { delay, min: time(hundredths), max: time(most) }
    }
}

/// One viewer's connection.
pub(super) struct Peer {
    rtc: Rtc,
    fragment: String,
    /// Kept for an ICE restart.
    offer: Box<str>,
    video: Option<Track>,
    audio: Option<Track>,
    connected: bool,
    ready: bool,
    deadline: Instant,
    last_capture: Option<Instant>,
    reports: Reports,
    jitter: Option<Duration>,
    hold: Hold,
    pub(super) video_stream: VideoStream,
    pub(super) audio_stream: AudioStream,
}

impl Peer {
    /// Answers an offer. `candidates` are the addresses that the viewer will find this server at.
    pub(super) fn answer(
        offer: &str,
        identity: &Identity,
        candidates: &[SocketAddr],
        target: returnfeed_protocol::Layer,
        now: Instant,
    ) -> Result<(Self, String), JoinRefusal> {
        let invalid = |error: &dyn std::fmt::Display| JoinRefusal::SdpInvalid(error.to_string());
        let offered = SdpOffer::from_sdp_string(offer).map_err(|error| invalid(&error))?;
        let mut rtc = identity.config().build(now);
        for address in candidates {
            let udp = Candidate::builder().udp().host(*address).build();
            rtc.add_local_candidate(udp.map_err(|error| invalid(&error))?);
            let tcp = Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build();
            rtc.add_local_candidate(tcp.map_err(|error| invalid(&error))?);
        }
        let answer = rtc.sdp_api().accept_offer(offered).map_err(|error| invalid(&error))?;
        let fragment = rtc.direct_api().local_ice_credentials().ufrag;
        let peer = Self {
            rtc,
            fragment,
            offer: offer.into(),
            video: None,
            audio: None,
            connected: false,
            ready: false,
            deadline: now,
            last_capture: None,
            reports: Reports::default(),
            jitter: None,
            hold: Hold::new(Duration::ZERO),
            video_stream: VideoStream::new(target, first_seq(), first_timestamp()),
            audio_stream: AudioStream::new(first_seq(), first_timestamp()),
        };
        Ok((peer, answer::finish(&answer.to_sdp_string())))
    }

    /// The ICE user name fragment by which its first datagrams are told.
    pub(super) fn fragment(&self) -> &str {
        &self.fragment
    }

    /// The strong entity tag of the ICE session, with its quotes.
    pub(super) fn etag(&self) -> String {
        format!("\"{}\"", self.fragment)
    }

    /// Takes what the viewer says of its ICE session. After a restart [`Self::fragment`] is another one.
    pub(super) fn update_ice(&mut self, update: &IceUpdate) -> Result<IceAnswer, IceRefusal> {
        match &update.session {
            IceSession::Tagged(tags) if !tags.contains(&self.etag()) => return Err(IceRefusal::OtherSession),
            IceSession::Tagged(_) | IceSession::Any => {}
        }
        match &update.credentials {
            Some(new) if restart::attribute(&self.offer, "ice-ufrag") != Some(&new.fragment) => {
                self.restart_ice(new)
            }
            Some(_) | None => Ok(IceAnswer::GoesOn),
        }
    }

    fn restart_ice(&mut self, credentials: &IceCredentials) -> Result<IceAnswer, IceRefusal> {
        let offer = restart::offer_again(&self.offer, credentials);
        let not_now = |error: &dyn std::fmt::Display| {
            tracing::debug!(%error, "an ICE restart was not taken");
            IceRefusal::NotNow
        };
        let offered = SdpOffer::from_sdp_string(&offer).map_err(|error| not_now(&error))?;
        let answer = self.rtc.sdp_api().accept_offer(offered).map_err(|error| not_now(&error))?;
        self.fragment = self.rtc.direct_api().local_ice_credentials().ufrag;
        self.offer = offer.into();
        Ok(IceAnswer::Restarted { fragment: restart::fragment(&answer.to_sdp_string()), etag: self.etag() })
    }

    /// Whether pictures can be sent.
    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// When to call [`Self::handle_timeout`].
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes a datagram; false if it is not this viewer's: its integrity or its place is not right.
    pub(super) fn handle_datagram(&mut self, path: Path, to: SocketAddr, data: &[u8], now: Instant) -> bool {
        let protocol = match path.transport {
            Transport::Udp => Protocol::Udp,
            Transport::Tcp => Protocol::Tcp,
        };
        let Ok(receive) = Receive::new(protocol, path.remote, to, data) else { return false };
        let input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return false;
        }
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "a viewer's datagram was not understood");
        }
        true
    }

    /// Lets time pass; also sends what was queued.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "a viewer's connection failed");
            self.rtc.disconnect();
        }
    }

    /// Queues a picture's packets.
    pub(super) fn send_video(&mut self, frame: &Frame, sent: &Sent, keyframe: bool) {
        let Some(Track { ssrc, pt, .. }) = self.video else { return };
        let capture_due = keyframe
            || self.last_capture.is_none_or(|at| frame.at.saturating_duration_since(at) >= CAPTURE_EVERY);
        let captured = frame.captured.filter(|_| capture_due);
        if captured.is_some() {
            self.last_capture = Some(frame.at);
        }
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx(&ssrc) else { return };
        let mut first = Some(ExtensionValues {
            play_delay_min: Some(self.hold.min),
            play_delay_max: Some(self.hold.max),
            abs_capture_time: captured
                .map(|capture_time| AbsCaptureTime { capture_time, clock_offset: None }),
            ..ExtensionValues::default()
        });
        for (seq, payload) in (sent.first_seq..).zip(&frame.payloads) {
            let data = std::sync::Arc::clone(&payload.data);
            let packet = RtpWrite::new(pt, seq.into(), sent.timestamp, sent.at, data)
                .marker(payload.marker)
                .nackable(true)
                .ext_vals(first.take().unwrap_or_default());
            stream.write_rtp(packet);
        }
    }

    /// Queues a sound.
    pub(super) fn send_audio(&mut self, frame: &Frame, sent: SentAudio) {
        let Some(Track { ssrc, pt, .. }) = self.audio else { return };
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx(&ssrc) else { return };
        for payload in &frame.payloads {
            let data = std::sync::Arc::clone(&payload.data);
            stream.write_rtp(RtpWrite::new(pt, sent.seq.into(), sent.timestamp, frame.at, data));
        }
    }

    /// Interarrival jitter of the video, as the browser last reported it.
    pub(super) fn jitter(&self) -> Option<Duration> {
        self.jitter
    }

    /// How long its browser is told to hold a picture.
    pub(super) fn playout_delay(&self) -> Duration {
        self.hold.delay
    }

    /// Tells its browser how long to hold a picture, with the next one.
    pub(super) fn set_playout_delay(&mut self, delay: Duration) {
        if self.hold.delay != delay {
            self.hold = Hold::new(delay);
        }
    }

    /// Lets padding find out what the path carries beyond what is sent.
    pub(super) fn begin_probe(&mut self) {
        self.rtc.bwe().reset(PROBED_FROM);
        self.desire(PROBED_TO);
    }

    /// No more padding.
    pub(super) fn end_probe(&mut self) {
        self.desire(UNPROBED);
    }

    fn desire(&mut self, bandwidth: str0m::bwe::Bitrate) {
        self.rtc.bwe().set_bitrate(str0m::bwe::Bitrate::ZERO, bandwidth);
    }

    /// Forgets what was sent: nobody needs it repeated.
    pub(super) fn forget_sent(&mut self) {
        let Some(Track { ssrc, .. }) = self.video else { return };
        if let Some(stream) = self.rtc.direct_api().stream_tx(&ssrc) {
            stream.set_rtx_cache(RTX_PACKETS, RTX_AGE, Some(RTX_SHARE));
        }
    }

    /// Whether this viewer hears anything.
    pub(super) fn has_audio(&self) -> bool {
        self.audio.is_some()
    }

    /// Says goodbye; drain once more after it.
    pub(super) fn close(&mut self) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "a viewer was not told goodbye");
        }
    }

    /// Empties the peer: datagrams to `transmit`, what happened to `events`.
    pub(super) fn drain(
        &mut self,
        now: Instant,
        mut transmit: impl FnMut(Transport, SocketAddr, DatagramSend),
        events: &mut Vec<PeerEvent>,
    ) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(sent)) => {
                    let transport = match sent.proto {
                        Protocol::Tcp => Transport::Tcp,
                        Protocol::Udp | Protocol::SslTcp | Protocol::Tls => Transport::Udp,
                    };
                    transmit(transport, sent.destination, sent.contents);
                }
                Ok(Output::Event(event)) => events.extend(self.handle_event(event)),
                // The library's pacer asks to be called again after each packet; nothing here is to be paced.
                Ok(Output::Timeout(at)) if self.sends_on(at, now) => self.handle_timeout(at),
                Ok(Output::Timeout(at)) => {
                    self.deadline = at.max(now + FINEST);
                    if !self.rtc.is_alive() {
                        events.push(PeerEvent::Gone);
                    }
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "a viewer's connection failed");
                    self.rtc.disconnect();
                    events.push(PeerEvent::Gone);
                    return;
                }
            }
        }
    }

    fn sends_on(&self, at: Instant, now: Instant) -> bool {
        use PacerReason::{FirstEver, Immediate, Unpaced};
        matches!(self.rtc.last_timeout_reason(), Reason::Pacer(FirstEver | Immediate | Unpaced))
            && at <= now + FINEST
    }

    fn handle_event(&mut self, event: Event) -> Option<PeerEvent> {
        match event {
            Event::Connected => {
                self.connected = true;
                self.became_ready()
            }
            // Comes after `Connected`: only now the stream is there to be written to.
            Event::MediaAdded(media) => {
                self.add(media.mid, media.kind);
                self.became_ready()
            }
            Event::KeyframeRequest(_) => Some(PeerEvent::KeyframeWanted),
            Event::EgressBitrateEstimate(estimate) => {
                match estimate {
                    BweKind::Twcc { can_probe, .. } => self.reports.estimated = can_probe,
                    BweKind::Remb { estimate, .. } => self.reports.remb = Some(Bitrate(estimate.as_u64())),
                    _ => {}
                }
                None
            }
            Event::MediaEgressStats(stats) if self.video.is_some_and(|video| video.mid == stats.mid) => {
                (self.reports.loss, self.reports.rtt) = (stats.loss, stats.rtt);
                let ticks = stats.remote.map(|remote| u64::from(remote.jitter));
                self.jitter = ticks.map(|ticks| Duration::from_micros(ticks * 1_000 / 90));
                None
            }
            Event::PeerStats(stats) => {
                // From transport-wide feedback, some twenty times a second, else from receiver reports.
                Some(PeerEvent::Report(Report {
                    loss: stats.egress_loss_fraction.or(self.reports.loss.take()),
                    rtt: stats.rtt.or(self.reports.rtt.take()),
                    // The event above is smoothed, and comes too late for a probe's result.
                    bandwidth: match stats.bwe_tx.filter(|_| self.reports.estimated) {
                        Some(estimate) => Some(Bitrate(estimate.as_u64())),
                        None => self.reports.remb,
                    },
                }))
            }
            Event::Closed => Some(PeerEvent::Gone),
            _ => None,
        }
    }

    fn became_ready(&mut self) -> Option<PeerEvent> {
        let becomes = !self.ready && self.connected && self.video.is_some();
        self.ready |= becomes;
        becomes.then_some(PeerEvent::Ready)
    }

    /// Takes the payload type from the viewer's offer: each browser numbers them as it likes.
    fn add(&mut self, mid: Mid, kind: MediaKind) {
        let Some(media) = self.rtc.media(mid) else { return };
        let offered = media.remote_pts();
        let wanted = |codec: Codec, mode: Option<u8>| {
            // In our order: constrained baseline first.
            self.rtc.codec_config().params().iter().find(|params| {
                let spec = params.spec();
                offered.contains(&params.pt())
                    && spec.codec == codec
                    && (mode.is_none() || spec.format.packetization_mode == mode)
            })
        };
        let params = match kind {
            MediaKind::Video if self.video.is_none() => wanted(Codec::H264, Some(1)),
            MediaKind::Audio if self.audio.is_none() => wanted(Codec::Opus, None),
            MediaKind::Video | MediaKind::Audio => None,
        };
        let Some(pt) = params.map(|params| params.pt()) else { return };
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, None) else { return };
        let track = Track { mid, ssrc: stream.ssrc(), pt };
        match kind {
            MediaKind::Video => {
                stream.set_rtx_cache(RTX_PACKETS, RTX_AGE, Some(RTX_SHARE));
                stream.set_unpaced(true);
                self.video = Some(track);
            }
            MediaKind::Audio => self.audio = Some(track),
        }
    }
}

/// Random and well below 65 536: SRTP's rollover counter begins with 0 (RFC 3711 3.3.1), and an early wrap would
/// cost whoever misses the packets around it.
fn first_seq() -> u16 {
    u16::from_be_bytes(random()) & 0x7fff
}

fn first_timestamp() -> u32 {
    u32::from_be_bytes(random())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}
