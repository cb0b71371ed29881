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
use super::passage::{Apply, Passage, Running};
use super::plan::LayerPlan;
use super::rate::Asked;
use crate::feed::{Driver, Feed};

type Flow = Result<gst::FlowSuccess, gst::FlowError>;

/// One layer.
pub(crate) struct Layer {
    house: Arc<House>,
    /// The ghost pad by which the layer leaves the element.
    exit: gst::GhostPad,
    state: Mutex<Passage>,
}

impl Layer {
    /// A layer that leaves by `exit`.
    pub(crate) fn new(house: Arc<House>, exit: gst::GhostPad, plan: LayerPlan, gop_ms: u32) -> Arc<Self> {
        let layer = Arc::new(Self { house, exit, state: Mutex::new(Passage::new(plan, gop_ms)) });
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
        self.state().reset(plan, gop_ms);
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
            state.begin(Running { bin: bin.clone(), current });
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

    fn state(&self) -> MutexGuard<'_, Passage> {
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
    fn admits(&self, picture: &gst::BufferRef) -> bool {
        let mut state = self.state();
        if picture.flags().contains(gst::BufferFlags::DISCONT) {
            state.thinner.restart();
        }
        picture.pts().is_none_or(|pts| state.thinner.takes(pts.nseconds()))
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
