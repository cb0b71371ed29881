//! # framestampreader
//!
//! Reads the stamps that `framestamp` wrote and keeps the figures; the pictures pass untouched. Put it right before
//! the sink whose delay is to be known.
//!
//! ```sh
//! gst-launch-1.0 -m videotestsrc is-live=true num-buffers=120 ! video/x-raw,format=I420,width=640,height=360,framerate=60/1 \
//!   ! framestamp ! x264enc tune=zerolatency ! avdec_h264 max-threads=1 ! framestampreader ! fakesink
//! ```
//!
//! - Property `stats` (structure): `frames`, `read`, `absent` (no stamp), `damaged` (CRC), `repeated` (same stamp as
//!   before); with at least one read also `min-us`, `p50-us`, `p95-us`, `max-us`. It starts anew with READY.
//! - Properties `last` (newest stamp, microseconds since 1970 modulo 2^48) and `last-latency` (microseconds).
//! - Signal `latency` (stamp, latency) and, unless `post-messages` is false, an element message `framestamp`
//!   (`frame`, `stamp-us`, `latency-us`, `pts`) for each picture read.
//!
//! The latency is wall clock now minus stamp: writer and reader must share a clock, as on one machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use gst::glib;
use gst::prelude::*;
use gst_base::subclass::BaseTransformMode;
use gst_video::prelude::*;
use gst_video::subclass::prelude::*;

use crate::picture::{self, Component, Plane};
use crate::statistics::Statistics;
use crate::{bits, wall};

/// What decoders give, with eight bits and brightness in the first component.
const FORMATS: [gst_video::VideoFormat; 7] = [
    gst_video::VideoFormat::I420,
    gst_video::VideoFormat::Nv12,
    gst_video::VideoFormat::Uyvy,
    gst_video::VideoFormat::Yv12,
    gst_video::VideoFormat::Yuy2,
    gst_video::VideoFormat::Y42b,
    gst_video::VideoFormat::Gray8,
];

pub struct FrameStampReader {
    statistics: Mutex<Statistics>,
    post_messages: AtomicBool,
}

impl Default for FrameStampReader {
    fn default() -> Self {
        Self { statistics: Mutex::default(), post_messages: AtomicBool::new(true) }
    }
}

impl FrameStampReader {
    fn statistics(&self) -> MutexGuard<'_, Statistics> {
        self.statistics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, frame: u64, stamp: u64, latency: i64, pts: Option<gst::ClockTime>) {
        let element = self.obj();
        element.emit_by_name::<()>("latency", &[&stamp, &latency]);
        if self.post_messages.load(Ordering::Relaxed) {
            let structure = gst::Structure::builder("framestamp")
                .field("frame", frame)
                .field("stamp-us", stamp)
                .field("latency-us", latency)
                .field("pts", pts)
                .build();
            // Without a bus nobody listens; the properties tell the same.
            let _ = element.post_message(gst::message::Element::builder(structure).src(&*element).build());
        }
    }
}

fn structure(figures: &Statistics) -> gst::Structure {
    let mut structure = gst::Structure::builder("framestamp-stats")
        .field("frames", figures.frames)
        .field("read", figures.read)
        .field("absent", figures.absent)
        .field("damaged", figures.damaged)
        .field("repeated", figures.repeated)
        .build();
    if let (Some((least, most)), Some(half), Some(most_of)) =
        (figures.span, figures.percentile(0.5), figures.percentile(0.95))
    {
        structure.set("min-us", least);
        structure.set("p50-us", half);
        structure.set("p95-us", most_of);
        structure.set("max-us", most);
    }
    structure
}

#[glib::object_subclass]
impl ObjectSubclass for FrameStampReader {
    const NAME: &'static str = "ReturnFeedFrameStampReader";
    type Type = super::FrameStampReader;
    type ParentType = gst_video::VideoFilter;
}

impl ObjectImpl for FrameStampReader {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            vec![
                glib::ParamSpecBoolean::builder("post-messages")
                    .nick("Post messages")
                    .blurb("Post an element message for each picture read")
                    .default_value(true)
                    .mutable_playing()
                    .build(),
                glib::ParamSpecUInt64::builder("last")
                    .nick("Last stamp")
                    .blurb("The newest stamp, microseconds since 1970 modulo 2^48; 0 before the first")
                    .read_only()
                    .build(),
                glib::ParamSpecInt64::builder("last-latency")
                    .nick("Last latency")
                    .blurb("Microseconds from the newest stamp to its reading")
                    .read_only()
                    .build(),
                glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
                    .nick("Statistics")
                    .blurb("Counts and percentiles since READY")
                    .read_only()
                    .build(),
            ]
        });
        &PROPERTIES
    }

    fn signals() -> &'static [glib::subclass::Signal] {
        static SIGNALS: LazyLock<Vec<glib::subclass::Signal>> = LazyLock::new(|| {
            let types = [u64::static_type(), i64::static_type()];
            vec![glib::subclass::Signal::builder("latency").param_types(types).build()]
        });
        &SIGNALS
    }

    fn set_property(&self, _id: usize, value: &glib::Value, _pspec: &glib::ParamSpec) {
        self.post_messages.store(value.get().unwrap_or(true), Ordering::Relaxed);
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        let figures = self.statistics();
        match pspec.name() {
            "post-messages" => self.post_messages.load(Ordering::Relaxed).to_value(),
            "last" => figures.last.unwrap_or(0).to_value(),
            "last-latency" => figures.last_age.to_value(),
            "stats" => structure(&figures).to_value(),
            _ => pspec.default_value().clone(),
        }
    }
}

impl GstObjectImpl for FrameStampReader {}

impl ElementImpl for FrameStampReader {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Frame stamp reader",
                "Filter/Analyzer/Video",
                "Reads the wall clock from each picture and tells how old it is",
                "ReturnFeed",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            crate::both_ways(&gst_video::VideoCapsBuilder::new().format_list(FORMATS).build())
        });
        &TEMPLATES
    }
}

impl BaseTransformImpl for FrameStampReader {
    const MODE: BaseTransformMode = BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = true;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = true;

    fn start(&self) -> Result<(), gst::ErrorMessage> {
        *self.statistics() = Statistics::default();
        self.parent_start()
    }
}

impl VideoFilterImpl for FrameStampReader {
    fn transform_frame_ip_passthrough(
        &self,
        frame: &gst_video::VideoFrameRef<&gst::BufferRef>,
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        let now = wall::now_us();
        let luma = Plane {
            data: frame.comp_data(0).map_err(|_| gst::FlowError::Error)?,
            stride: frame.comp_stride(0).unsigned_abs() as usize,
            pixel_stride: frame.comp_pstride(0).unsigned_abs() as usize,
            shift: (0, 0),
            component: Component::Luma,
        };
        match bits::read(&picture::read(&luma, frame.width() as usize, frame.height() as usize)) {
            Ok(stamp) => {
                let latency = bits::age(now, stamp);
                let count = {
                    let mut figures = self.statistics();
                    figures.note(stamp, latency);
                    figures.frames
                };
                self.tell(count, stamp, latency, frame.buffer().pts());
            }
            Err(why) => self.statistics().note_unreadable(why),
        }
        Ok(gst::FlowSuccess::Ok)
    }
}
