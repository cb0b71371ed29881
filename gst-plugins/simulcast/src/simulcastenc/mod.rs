//! `simulcastenc`: one picture in, two H.264 layers and Opus out. The manual is at the head of `imp.rs`.

mod audio;
mod candidate;
mod choice;
mod encoder;
mod house;
mod imp;
mod layer;
mod passage;
mod plan;
mod rate;
mod settings;
mod table;
mod trial;
mod unit;

use std::sync::LazyLock;

use gst::glib;
use gst::prelude::*;

static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new("simulcastenc", gst::DebugColorFlags::empty(), Some("Two H.264 layers and Opus"))
});

glib::wrapper! {
    /// The element: a bin with `video_sink`, `audio_sink`, `high_src`, `low_src` and `audio_src`.
    pub struct SimulcastEnc(ObjectSubclass<imp::SimulcastEnc>) @extends gst::Bin, gst::Element, gst::Object, @implements gst::ChildProxy;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "simulcastenc", gst::Rank::NONE, SimulcastEnc::static_type())
}
