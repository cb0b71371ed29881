//! # framestamp
//!
//! Writes the wall clock into each picture that passes, in place, so that any reader further on can tell how old
//! the picture is.
//!
//! ```sh
//! gst-launch-1.0 -m videotestsrc is-live=true num-buffers=120 ! video/x-raw,format=I420,width=640,height=360,framerate=60/1 \
//!   ! framestamp ! x264enc tune=zerolatency ! avdec_h264 max-threads=1 ! framestampreader ! fakesink
//! ```
//!
//! - Formats: I420, NV12, UYVY, of any size; at 640x360 a cell is 20x16 pixels, other sizes scale.
//! - Two rows of 32 cells at the very top: magic `10100110`, 48 bits of microseconds since 1970, CRC-8 (0x07) over
//!   them; luma 235 is 1, 16 is 0, chroma 128.
//! - Property `flash`: also a square under the cells, white in the first 100 ms of each second, else black.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use gst::glib;
use gst::prelude::*;
use gst_base::subclass::BaseTransformMode;
use gst_video::prelude::*;
use gst_video::subclass::prelude::*;

use crate::bits;
use crate::picture::{self, Component, Plane};
use crate::wall;

const FORMATS: [gst_video::VideoFormat; 3] =
    [gst_video::VideoFormat::I420, gst_video::VideoFormat::Nv12, gst_video::VideoFormat::Uyvy];

#[derive(Default)]
pub struct FrameStamp {
    flash: AtomicBool,
}

#[glib::object_subclass]
impl ObjectSubclass for FrameStamp {
    const NAME: &'static str = "ReturnFeedFrameStamp";
    type Type = super::FrameStamp;
    type ParentType = gst_video::VideoFilter;
}

impl ObjectImpl for FrameStamp {
    fn properties() -> &'static [glib::ParamSpec] {
        static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            let flash = glib::ParamSpecBoolean::builder("flash")
                .nick("Flash")
                .blurb("Paint a square that is white in the first 100 ms of each second, else black")
                .mutable_playing();
            vec![flash.build()]
        });
        &PROPERTIES
    }

    fn set_property(&self, _id: usize, value: &glib::Value, _pspec: &glib::ParamSpec) {
        self.flash.store(value.get().unwrap_or_default(), Ordering::Relaxed);
    }

    fn property(&self, _id: usize, _pspec: &glib::ParamSpec) -> glib::Value {
        self.flash.load(Ordering::Relaxed).to_value()
    }
}

impl GstObjectImpl for FrameStamp {}

impl ElementImpl for FrameStamp {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Frame stamp",
                "Filter/Effect/Video",
                "Writes the wall clock into each picture",
                "ReturnFeed",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| crate::both_ways(&raw(FORMATS)));
        &TEMPLATES
    }
}

impl BaseTransformImpl for FrameStamp {
    const MODE: BaseTransformMode = BaseTransformMode::AlwaysInPlace;
    const PASSTHROUGH_ON_SAME_CAPS: bool = false;
    const TRANSFORM_IP_ON_PASSTHROUGH: bool = false;
}

impl VideoFilterImpl for FrameStamp {
    fn transform_frame_ip(
        &self,
        frame: &mut gst_video::VideoFrameRef<&mut gst::BufferRef>,
    ) -> Result<gst::FlowSuccess, gst::FlowError> {
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let format = frame.format_info();
        let now = wall::now_us();
        let cells = bits::write(now);
        let flash = self.flash.load(Ordering::Relaxed).then(|| picture::shines(now / 1000));
        for component in 0..frame.n_components() {
            let index = component as usize;
            let (stride, pixel_stride) = (frame.comp_stride(component), frame.comp_pstride(component));
            let shift = (format.w_sub()[index], format.h_sub()[index]);
            let data = frame.comp_data_mut(component).map_err(|_| gst::FlowError::Error)?;
            let component = if index == 0 { Component::Luma } else { Component::Chroma };
            let (stride, pixel_stride) =
                (stride.unsigned_abs() as usize, pixel_stride.unsigned_abs() as usize);
            let mut plane = Plane { data, stride, pixel_stride, shift, component };
            picture::paint(&mut plane, width, height, &cells);
            if let Some(white) = flash {
                picture::paint_flash(&mut plane, width, height, white);
            }
        }
        Ok(gst::FlowSuccess::Ok)
    }
}

fn raw(formats: impl IntoIterator<Item = gst_video::VideoFormat>) -> gst::Caps {
    gst_video::VideoCapsBuilder::new().format_list(formats).build()
}
