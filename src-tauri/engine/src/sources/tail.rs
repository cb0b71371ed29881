//! The end of every source's pipeline: whatever comes becomes I420 640x360 (kept in shape between black borders)
//! and 48 kHz stereo, and is handed to the mixer the moment it is there.
//!
//! Refuses to pace: `sync` is for files alone, whose frames have no other clock. Invariant: a frame reaches the
//! mixer after its source was announced live, never before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;

use super::health::Watch;
use super::keeper::{OnHealth, OnLamp};
use super::{SourceNumber, Trouble, broken, element};
use crate::clock::{EngineClock, EngineTime, wall_us};
use crate::picture;
use crate::switch::{CHANNELS, Mixer, Picture, RATE};

const BASE: &str = "gstreamer1.0-plugins-base";

/// Makes tails for one source's pipelines.
#[derive(Clone)]
pub(super) struct Tails {
    pub(super) number: SourceNumber,
    pub(super) clock: EngineClock,
    pub(super) mixer: Arc<Mixer>,
    pub(super) watch: Arc<Mutex<Watch>>,
    pub(super) on_health: OnHealth,
    pub(super) on_lamp: OnLamp,
    /// Whether what comes still counts.
    pub(super) alive: Arc<AtomicBool>,
}

impl Tails {
    /// Adds the picture's tail to `parent` and returns its input pad.
    ///
    /// # Errors
    /// When GStreamer lacks an element.
    pub(super) fn picture(&self, parent: &gst::Bin, sync: bool) -> Result<gst::Pad, Trouble> {
        let convert = element("videoconvertscale", BASE)?;
        let sink = self.sink("picture", &picture::caps(), sync);
        let tails = self.clone();
        sink.set_callbacks(
            gst_app::AppSinkCallbacks::builder()
                .new_sample(move |sink| {
                    let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                    tails.hand_on(sink, &sample);
                    Ok(gst::FlowSuccess::Ok)
                })
                .build(),
        );
        let entry = add(parent, &convert, &[&convert, sink.upcast_ref()])?;
        note_arrival(&entry);
        Ok(entry)
    }

    /// Adds the sound's tail to `parent` and returns its input pad.
    ///
    /// # Errors
    /// When GStreamer lacks an element.
    pub(super) fn sound(&self, parent: &gst::Bin, sync: bool) -> Result<gst::Pad, Trouble> {
        let convert = element("audioconvert", BASE)?;
        let resample = element("audioresample", BASE)?;
        let caps = gst::Caps::builder("audio/x-raw")
            .field("format", "F32LE")
            .field("layout", "interleaved")
            .field("rate", RATE as i32)
            .field("channels", CHANNELS as i32)
            .build();
        let sink = self.sink("sound", &caps, sync);
        let tails = self.clone();
        sink.set_callbacks(
            gst_app::AppSinkCallbacks::builder()
                .new_sample(move |sink| {
                    let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                    tails.speak(sink, &sample);
                    Ok(gst::FlowSuccess::Ok)
                })
                .build(),
        );
        add(parent, &convert, &[&convert, &resample, sink.upcast_ref()])
    }

    fn sink(&self, name: &str, caps: &gst::Caps, sync: bool) -> gst_app::AppSink {
        gst_app::AppSink::builder()
            .name(name)
            .caps(caps)
            .sync(sync)
            .async_(sync)
            .enable_last_sample(false)
            .max_buffers(2)
            .build()
    }

    fn hand_on(&self, sink: &gst_app::AppSink, sample: &gst::Sample) {
        let Some(buffer) = sample.buffer_owned().filter(|buffer| buffer.size() == picture::BYTES) else {
            return;
        };
        let now = self.clock.now();
        {
            let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.alive.load(Ordering::Relaxed) {
                return;
            }
            if watch.handle_frame(now) {
                self.mixer.health(self.number, true);
                (self.on_health)(self.number, watch.health().clone());
            }
        }
        let captured_us = arrival_of(&buffer).unwrap_or_else(wall_us);
        let stamped = self.stamped(sink, sample);
        self.mixer.picture(self.number, Picture { buffer, captured_us }, stamped, now);
    }

    fn speak(&self, sink: &gst_app::AppSink, sample: &gst::Sample) {
        if !self.alive.load(Ordering::Relaxed) {
            return;
        }
        let Some(map) = sample.buffer().and_then(|buffer| buffer.map_readable().ok()) else { return };
        let samples: Vec<f32> = map
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            .collect();
        self.mixer.sound(self.number, self.stamped(sink, sample), &samples, self.clock.now());
    }

    /// The engine time that the pipeline gave this sample.
    fn stamped(&self, sink: &gst_app::AppSink, sample: &gst::Sample) -> Option<EngineTime> {
        let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
        let running = segment.to_running_time(sample.buffer()?.pts()?)?;
        self.clock.at(sink.base_time()?, running)
    }
}

/// Adds a chain to a bin that may be running, and returns the input of its first element.
fn add(parent: &gst::Bin, first: &gst::Element, chain: &[&gst::Element]) -> Result<gst::Pad, Trouble> {
    parent.add_many(chain).map_err(broken)?;
    gst::Element::link_many(chain).map_err(broken)?;
    for element in chain.iter().rev() {
        element.sync_state_with_parent().map_err(broken)?;
    }
    first.static_pad("sink").ok_or_else(|| broken("no sink pad"))
}

/// Marks each buffer with the wall time at which it came to this pad.
fn note_arrival(pad: &gst::Pad) {
    let caps = arrival_caps();
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        if let Some(buffer) = info.buffer_mut().filter(|buffer| arrival_of(buffer).is_none()) {
            let at = gst::ClockTime::from_useconds(wall_us());
            gst::ReferenceTimestampMeta::add(buffer.make_mut(), &caps, at, gst::ClockTime::NONE);
        }
        gst::PadProbeReturn::Ok
    });
}

/// Marks a buffer as made at `wall_us`, for sources that know better than the tail.
pub(super) fn mark_arrival(buffer: &mut gst::BufferRef, wall_us: u64) {
    let at = gst::ClockTime::from_useconds(wall_us);
    gst::ReferenceTimestampMeta::add(buffer, &arrival_caps(), at, gst::ClockTime::NONE);
}

fn arrival_of(buffer: &gst::BufferRef) -> Option<u64> {
    let caps = arrival_caps();
    buffer
        .iter_meta::<gst::ReferenceTimestampMeta>()
        .find(|meta| meta.reference() == caps.as_ref())
        .map(|meta| meta.timestamp().useconds())
}

fn arrival_caps() -> gst::Caps {
    gst::Caps::new_empty_simple("timestamp/x-returnfeed-arrival")
}
