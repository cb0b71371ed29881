//! What happens to pictures, units and events on their way through one layer.
//!
//! It refuses to touch elements itself: what is to be set on the encoder is given back and applied without a lock.
//! Invariant: a unit leaves with the PTS of its picture, in the segment of its picture.

use super::candidate::{Candidate, Counts};
use super::choice::Current;
use super::encoder;
use super::plan::LayerPlan;
use super::rate::{GopClock, RateMeter, Thinner};

/// An encoder that has taken this many pictures without giving one back has stopped.
const LOST: u32 = 60;

type Segment = gst::FormattedSegment<gst::ClockTime>;

/// What one layer knows between two pictures.
pub(crate) struct Passage {
    /// What the layer is to be.
    pub(crate) plan: LayerPlan,
    pub(crate) thinner: Thinner,
    meter: RateMeter,
    pub(crate) gop: GopClock,
    pub(crate) running: Option<Running>,
    /// Why the running encoder is to be replaced before the next picture.
    pub(crate) broken: Option<String>,
    /// Pictures that went in since the last unit came out.
    inside: u32,
    segment_in: Option<Segment>,
    segment_out: Option<Segment>,
}

/// The encoder in the layer.
pub(crate) struct Running {
    /// The bin that holds it.
    pub(crate) bin: gst::Bin,
    /// Which it is.
    pub(crate) current: Current,
}

/// A bit rate to be set once the lock is released, because an encoder may post a message while it is set.
pub(crate) struct NewBitrate(gst::Bin, &'static Candidate, LayerPlan, u32);

impl Passage {
    /// Before the first picture.
    pub(crate) fn new(plan: LayerPlan, gop_ms: u32) -> Self {
        Self {
            plan,
            thinner: Thinner::new(plan.max_fps),
            meter: RateMeter::new(plan.max_fps, f64::from(plan.max_fps)),
            gop: GopClock::new(gop_ms),
            running: None,
            broken: None,
            inside: 0,
            segment_in: None,
            segment_out: None,
        }
    }

    /// Begins anew; the encoder, if there is one, stays to be taken out.
    pub(crate) fn reset(&mut self, plan: LayerPlan, gop_ms: u32) {
        let running = self.running.take();
        *self = Self { running, ..Self::new(plan, gop_ms) };
    }

    /// The bit rate that the running encoder is to be given for the plan and the real picture rate.
    pub(crate) fn new_bitrate(&self) -> Option<NewBitrate> {
        let running = self.running.as_ref()?;
        let candidate = running.current.candidate;
        let scale = match candidate.counts {
            Counts::Pictures => self.meter.scale(),
            Counts::Time => 1.0,
        };
        let bits = (f64::from(self.plan.bitrate) * scale).round() as u32;
        Some(NewBitrate(running.bin.clone(), candidate, self.plan, bits))
    }

    /// The encoder is a new one: its first picture is a key frame by itself.
    pub(crate) fn begin(&mut self, running: Running) {
        self.gop.restart();
        (self.inside, self.broken) = (0, None);
        self.running = Some(running);
    }

    /// A picture goes in: perhaps with another bit rate, perhaps as a key frame (then the bin to ask is given).
    pub(crate) fn take_picture(
        &mut self,
        pts: Option<gst::ClockTime>,
    ) -> (Option<NewBitrate>, Option<gst::Bin>) {
        self.inside += 1;
        if self.inside > LOST {
            self.broken.get_or_insert(format!("took {LOST} pictures and gave none back"));
        }
        let Some(pts) = pts else { return (None, None) };
        let bitrate = self.meter.note(pts.nseconds()).and_then(|_| self.new_bitrate());
        let running =
            self.segment_in.as_ref().and_then(|segment| segment.to_running_time(pts)).unwrap_or(pts);
        let key = self.gop.due(running.nseconds());
        (bitrate, self.running.as_ref().filter(|_| key).map(|running| running.bin.clone()))
    }

    /// An event goes in. The encoder is told the greatest rate, whatever the source's, so that a cut to a source
    /// with another rate does not start it anew; the real rate scales its bit rate instead.
    pub(crate) fn take_event(&mut self, event: gst::Event) -> (gst::Event, Option<NewBitrate>) {
        match event.view() {
            gst::EventView::Segment(segment) => {
                self.segment_in = segment.segment().downcast_ref::<gst::ClockTime>().cloned();
            }
            gst::EventView::Caps(caps) => {
                let mut caps = caps.caps_owned();
                let rate = caps.structure(0).and_then(|caps| caps.get::<gst::Fraction>("framerate").ok());
                if let Some(rate) = rate.filter(|rate| rate.numer() > 0) {
                    let expected = f64::from(rate.numer()) / f64::from(rate.denom());
                    self.meter = RateMeter::new(self.plan.max_fps, expected);
                }
                caps.make_mut().set("framerate", gst::Fraction::new(self.plan.max_fps as i32, 1));
                let told = gst::event::Caps::builder(&caps).seqnum(event.seqnum()).build();
                return (told, self.new_bitrate());
            }
            _ => {}
        }
        (event, None)
    }

    /// Gives a unit that comes out the time of the picture that went in; without B-frames DTS is PTS.
    pub(crate) fn restore_unit(&mut self, buffer: &mut gst::Buffer) {
        self.inside = 0;
        let pts = match (&self.segment_in, &self.segment_out, buffer.pts()) {
            (Some(wanted), Some(have), Some(pts)) if wanted.start() != have.start() => {
                have.to_running_time(pts).and_then(|running| wanted.position_from_running_time(running))
            }
            (_, _, pts) => pts,
        };
        let buffer = buffer.make_mut();
        buffer.set_pts(pts);
        buffer.set_dts(pts);
    }

    /// The segment that came in goes out again; the profile is the one that was proven.
    pub(crate) fn restore_event(&mut self, event: &mut gst::Event) {
        let seqnum = event.seqnum();
        match event.view() {
            gst::EventView::Segment(segment) => {
                self.segment_out = segment.segment().downcast_ref::<gst::ClockTime>().cloned();
                if let Some(wanted) = &self.segment_in {
                    *event = gst::event::Segment::builder(wanted).seqnum(seqnum).build();
                }
            }
            gst::EventView::Caps(caps) => {
                let mut caps = caps.caps_owned();
                caps.make_mut().set("profile", "constrained-baseline");
                *event = gst::event::Caps::builder(&caps).seqnum(seqnum).build();
            }
            _ => {}
        }
    }
}

/// Sets a bit rate, if there is one to set.
pub(crate) trait Apply {
    /// To be called without any lock.
    fn apply(self);
}

impl Apply for Option<NewBitrate> {
    fn apply(self) {
        if let Some(NewBitrate(bin, candidate, plan, bits)) = self {
            encoder::set_bitrate(&bin, candidate, &plan, bits);
        }
    }
}
