//! A camera or capture card of Video4Linux.
//!
//! Refuses sound, which comes from another device. Invariant: frames pass as the driver delivers them.

use std::path::Path;

use gst::prelude::*;

use super::file::attach;
use super::tail::Tails;
use super::{Built, Trouble, broken, element};
use crate::sentence::Sentence;

pub(super) fn build(device: &Path, tails: &Tails) -> Result<Built, Trouble> {
    let name = device.display();
    if !device.exists() {
        return Err(Sentence::device_absent(name));
    }
    let pipeline = gst::Pipeline::new();
    let source = element("v4l2src", "gstreamer1.0-plugins-good")?;
    source.set_property("device", device);
    let filter = element("capsfilter", "gstreamer1.0")?;
    filter.set_property("caps", caps());
    let decode = element("decodebin", "gstreamer1.0-plugins-base")?;
    let chain = [&source, &filter, &decode];
    pipeline.add_many(chain).map_err(broken)?;
    gst::Element::link_many(chain).map_err(broken)?;
    attach(&pipeline, &decode, tails, false);
    Ok(Built { pipeline, loops: false, heals_itself: false, tally: None })
}

/// No larger than full HD: the picture becomes 640x360 anyway, and what a camera does not send need not be scaled.
fn caps() -> gst::Caps {
    ["video/x-raw", "image/jpeg", "video/x-h264"].into_iter().fold(
        gst::Caps::new_empty(),
        |mut caps, name| {
            let one = gst::Structure::builder(name)
                .field("width", gst::IntRange::new(160, 1920))
                .field("height", gst::IntRange::new(90, 1200))
                .build();
            caps.make_mut().append_structure(one);
            caps
        },
    )
}
