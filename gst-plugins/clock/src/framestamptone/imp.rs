//! # framestamptone
//!
//! Beeps at 1 kHz in the first 100 ms of each second of the wall clock, the same moments in which
//! `framestamp flash=true` shows its white square: together they measure lip sync.
//!
//! ```sh
//! gst-launch-1.0 audiotestsrc is-live=true wave=silence num-buffers=300 ! audio/x-raw,format=F32LE,rate=48000 \
//!   ! framestamptone ! level ! fakesink
//! ```
//!
//! - Format: F32LE, interleaved, 48 kHz, any number of channels.
//! - The beep is placed by each buffer's running time, to the sample: a buffer that is handed on late still beeps at
//!   the right place. Before PLAYING, and for buffers without a time, it is silent.
//! - Property `mix`: keep the input and add the beep; without it the input is replaced.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use gst::glib;
use gst::prelude::*;
use gst_audio::subclass::prelude::*;
use gst_base::prelude::*;
use gst_base::subclass::BaseTransformMode;

use super::beep;
use crate::wall::{self, Mapping};

const RATE: i32 = 48_000;
const SAMPLE_BYTES: usize = 4;

#[derive(Default)]
pub struct FrameStampTone {
    mix: AtomicBool,
    mapping: Mutex<Mapping>,
    channels: Mutex<usize>,
}

impl FrameStampTone {
    /// The wall-clock time, in nanoseconds, of the buffer's first sample.
    fn begins(&self, buffer: &gst::BufferRef) -> Option<u64> {
        let segment = self.obj().segment();
        let running = segment.downcast_ref::<gst::ClockTime>()?.to_running_time(buffer.pts())?;
        let measured = wall::measure(self.obj().upcast_ref())?;
        let offset = self.mapping.lock().unwrap_or_else(PoisonError::into_inner).follow(measured);
        running.nseconds().checked_add_signed(offset)
    }
}

#[glib::object_subclass]
impl ObjectSubclass for FrameStampTone {
    const NAME: &'static str = "ReturnFeedFrameStampTone";
    type Type = super::FrameStampTone;
    type ParentType = gst_audio::AudioFilter;
}

impl ObjectImpl for FrameStampTone {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            let mix = glib::ParamSpecBoolean::builder("mix")
                .nick("Mix")
                .blurb("Keep the input and add the beep, instead of replacing it")
                .mutable_playing();
            vec![mix.build()]
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, _pspec: &glib::ParamSpec) {
        self.mix.store(value.get().unwrap_or_default(), Ordering::Relaxed);
    }

    fn property(&self, _id: usize, _pspec: &glib::ParamSpec) -> glib::Value {
        self.mix.load(Ordering::Relaxed).to_value()
    }
}

impl GstObjectImpl for FrameStampTone {}

impl ElementImpl for FrameStampTone {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Frame stamp tone",
                "Filter/Effect/Audio",
                "Beeps with each flash of framestamp",
                "ReturnFeed",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        // The parent class has made them from `allowed_caps`.
        &[]
    }
}

impl BaseTransformImpl for FrameStampTone {
    const MODE: BaseTransformMode = BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.mapping.lock().unwrap_or_else(PoisonError::into_inner) = Mapping::default();
        self.parent_start()
    }

    fn transform_ip(&self, buffer: &mut gst::BufferRef) -> Result<gst::FlowSuccess, gst::FlowError> {
        let begins = self.begins(buffer);
        let mix = self.mix.load(Ordering::Relaxed);
        let channels = (*self.channels.lock().unwrap_or_else(PoisonError::into_inner)).max(1);
        // A buffer marked as a gap would be taken for silence, whatever is in it.
        buffer.unset_flags(gst::BufferFlags::GAP);
        let mut map = buffer.map_writable().map_err(|_| gst::FlowError::Error)?;
        for (index, frame) in map.chunks_exact_mut(SAMPLE_BYTES * channels).enumerate() {
            let after = index as u64 * 1_000_000_000 / RATE as u64;
            let beep = begins.map_or(0.0, |begins| beep::sample(begins + after));
            for sample in frame.chunks_exact_mut(SAMPLE_BYTES) {
                let kept = sample.try_into().map_or(0.0, f32::from_le_bytes);
                sample.copy_from_slice(&(if mix { kept + beep } else { beep }).to_le_bytes());
            }
        }
        Ok(gst::FlowSuccess::Ok)
    }
}

impl AudioFilterImpl for FrameStampTone {
    fn allowed_caps() -> &'static gst::Caps {
        static CAPS: LazyLock<gst::Caps> = LazyLock::new(|| {
            gst_audio::AudioCapsBuilder::new_interleaved()
                .format(gst_audio::AudioFormat::F32le)
                .rate(RATE)
                .build()
        });
        &CAPS
    }

    fn setup(&self, info: &gst_audio::AudioInfo) -> Result<(), gst::LoggableError> {
        *self.channels.lock().unwrap_or_else(PoisonError::into_inner) = info.channels() as usize;
        self.parent_setup(info)
    }
}
