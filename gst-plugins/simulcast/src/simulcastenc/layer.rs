//! One running layer: decides for its [`Feed`], holds its encoder bin, restores what the encoder changed about time.
//!
//! It refuses to let an encoder's failure reach the source: it asks for the next encoder instead, before the next
//! picture. Invariant: what leaves the layer carries the PTS and the segment with which it came in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gst::prelude::*;

use super::CAT;
use super::choice::Current;
use super::encoder;
use super::house::House;
use super::plan::LayerPlan;
use super::rate::{Asked, GopClock, RateMeter, Thinner};
use super::table::{Candidate, Counts};
use crate::feed::{Driver, Feed};

/// An encoder that has taken this many pictures without giving one back has stopped.
const LOST: u32 = 60;

type Flow = Result<gst::FlowSuccess, gst::FlowError>;
type Segment = gst::FormattedSegment<gst::ClockTime>;

/// One layer.
pub(crate) struct Layer {
    house: Arc<House>,
    /// The ghost pad by which the layer leaves the element.
    exit: gst::GhostPad,
    state: Mutex<State>,
}

struct State {
    plan: LayerPlan,
    thinner: Thinner,
    meter: RateMeter,
    gop: GopClock,
    running: Option<Running>,
    /// Why the running encoder is to be replaced before the next picture.
    broken: Option<String>,
    /// Pictures that went in since the last unit came out.
    inside: u32,
    segment_in: Option<Segment>,
    segment_out: Option<Segment>,
}

struct Running {
    bin: gst::Bin,
    current: Current,
}

/// A bit rate to be set once the lock is released, because an encoder may post a message while it is set.
struct NewBitrate(gst::Bin, &'static Candidate, LayerPlan, u32);

impl Layer {
    /// A layer that leaves by `exit`.
    pub(crate) fn new(house: Arc<House>, exit: gst::GhostPad, plan: LayerPlan, gop_ms: u32) -> Arc<Self> {
        let layer = Arc::new(Self { house, exit, state: Mutex::new(State::new(plan, gop_ms)) });
        let weak = Arc::downgrade(&layer);
        let kinds = gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_BOTH;
        layer.exit.add_probe(kinds, move |_, info| match weak.upgrade() {
            Some(layer) => layer.at_exit(info),
            None => gst::PadProbeReturn::Ok,
        });
        layer
    }

    /// The element that brings the pictures to this layer.
    pub(crate) fn feed(self: &Arc<Self>) -> Feed {
        Feed::new(&self.feed_name(), Box::new(self.clone()))
    }

    /// Begins anew with this plan; called while nothing flows.
    pub(crate) fn reset(&self, plan: LayerPlan, gop_ms: u32) {
        let mut state = self.state();
        let running = state.running.take();
        *state = State { running, ..State::new(plan, gop_ms) };
    }

    /// Puts the current encoder into the element, in place of the one that was there.
    pub(crate) fn install(&self, element: &gst::Bin, current: Current) -> Result<(), String> {
        self.uninstall(element);
        let plan = self.state().plan;
        let bin = encoder::build(current.candidate, &plan).map_err(|error| error.to_string())?;
        let feed = element.by_name(&self.feed_name()).ok_or("the layer has lost its feed")?;
        let misfit = |error: gst::glib::BoolError| error.message.to_string();
        element.add(&bin).map_err(misfit)?;
        let bitrate = {
            let mut state = self.state();
            state.gop.restart();
            (state.inside, state.broken) = (0, None);
            state.running = Some(Running { bin: bin.clone(), current });
            state.new_bitrate()
        };
        bitrate.apply();
        feed.link(&bin).map_err(misfit)?;
        self.exit.set_target(bin.static_pad("src").as_ref()).map_err(misfit)?;
        bin.sync_state_with_parent().map_err(misfit)
    }

    /// Takes the encoder out. It is stopped in the background: a broken one must not hold up the programme.
    pub(crate) fn uninstall(&self, element: &gst::Bin) {
        let Some(old) = self.state().running.take() else { return };
        // Each of these can only fail because the part is gone already.
        let _ = self.exit.set_target(None::<&gst::Pad>);
        let _ = element.remove(&old.bin);
        old.bin.call_async(|bin| {
            let _ = bin.set_state(gst::State::Null);
        });
    }

    /// Whether `object` is part of this layer's running encoder.
    pub(crate) fn owns(&self, object: &gst::Object) -> bool {
        self.state().running.as_ref().is_some_and(|running| object.has_as_ancestor(&running.bin))
    }

    /// The running encoder has said that it failed; it is replaced before the next picture.
    pub(crate) fn mark_broken(&self, reason: String) {
        self.state().broken.get_or_insert(reason);
    }

    /// Sets the video bit rate, bit/s.
    pub(crate) fn set_bitrate(&self, bitrate: u32) {
        let bitrate = {
            let mut state = self.state();
            state.plan.bitrate = bitrate;
            state.new_bitrate()
        };
        bitrate.apply();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed_name(&self) -> String {
        format!("{}-feed", self.state().plan.layer.name())
    }

    /// Before a picture goes in: is the right encoder there, and does it work?
    fn renew(&self) {
        let (broken, mine) = {
            let state = self.state();
            (state.broken.clone(), state.running.as_ref().map(|running| running.current.generation))
        };
        if let (Some(reason), Some(generation)) = (broken, mine) {
            self.house.failed(generation, &reason);
        }
        if mine == Some(self.house.generation()) {
            return;
        }
        let Some(current) = self.house.current() else { return };
        gst::warning!(CAT, obj = self.exit, "continues with {}", current.candidate.factory);
        if let Some(Err(reason)) = self.house.while_open(|element| self.install(element, current)) {
            self.house.failed(current.generation, &reason);
        }
    }

    fn at_exit(&self, info: &mut gst::PadProbeInfo) -> gst::PadProbeReturn {
        match &mut info.data {
            Some(gst::PadProbeData::Buffer(buffer)) => self.state().restore_unit(buffer),
            Some(gst::PadProbeData::Event(event)) if event.is_upstream() => {
                if let Ok(asked) = gst_video::UpstreamForceKeyUnitEvent::parse(event) {
                    let from = asked.running_time.map(|time| Asked::From(time.nseconds()));
                    self.state().gop.ask(from.unwrap_or(Asked::Now));
                    return gst::PadProbeReturn::Handled;
                }
            }
            Some(gst::PadProbeData::Event(event)) => self.state().restore_event(event),
            _ => {}
        }
        gst::PadProbeReturn::Ok
    }
}

impl Driver for Arc<Layer> {
    fn admits(&self, pts: Option<gst::ClockTime>) -> bool {
        pts.is_none_or(|pts| self.state().thinner.takes(pts.nseconds()))
    }

    fn event(&self, event: gst::Event) -> gst::Event {
        let (event, bitrate) = self.state().take_event(event);
        bitrate.apply();
        event
    }

    fn before(&self, buffer: &gst::BufferRef) {
        self.renew();
        let (bitrate, key) = self.state().take_picture(buffer.pts());
        bitrate.apply();
        if let Some(bin) = key {
            encoder::ask_key_frame(&bin);
        }
    }

    fn after(&self, flow: Flow) -> Flow {
        match flow {
            Ok(_) | Err(gst::FlowError::NotLinked | gst::FlowError::Flushing) => Ok(gst::FlowSuccess::Ok),
            Err(gst::FlowError::Eos) => flow,
            Err(error) => match self.exit.last_flow_result() {
                // What is behind us refused the unit: not the encoder's fault.
                Err(gst::FlowError::Error | gst::FlowError::NotNegotiated) => flow,
                _ if self.house.told().chosen.is_none() => flow,
                _ => {
                    self.mark_broken(format!("gave up with {error:?}"));
                    Ok(gst::FlowSuccess::Ok)
                }
            },
        }
    }
}

impl State {
    fn new(plan: LayerPlan, gop_ms: u32) -> Self {
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

    fn new_bitrate(&self) -> Option<NewBitrate> {
        let running = self.running.as_ref()?;
        let candidate = running.current.candidate;
        let scale = match candidate.counts {
            Counts::Pictures => self.meter.scale(),
            Counts::Time => 1.0,
        };
        let bits = (f64::from(self.plan.bitrate) * scale).round() as u32;
        Some(NewBitrate(running.bin.clone(), candidate, self.plan, bits))
    }

    /// A picture goes in: perhaps with another bit rate, perhaps as a key frame (then the bin to ask is given).
    fn take_picture(&mut self, pts: Option<gst::ClockTime>) -> (Option<NewBitrate>, Option<gst::Bin>) {
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
    fn take_event(&mut self, event: gst::Event) -> (gst::Event, Option<NewBitrate>) {
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
    fn restore_unit(&mut self, buffer: &mut gst::Buffer) {
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

    fn restore_event(&mut self, event: &mut gst::Event) {
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

trait Apply {
    fn apply(self);
}

impl Apply for Option<NewBitrate> {
    fn apply(self) {
        if let Some(NewBitrate(bin, candidate, plan, bits)) = self {
            encoder::set_bitrate(&bin, candidate, &plan, bits);
        }
    }
}
