//! `framestampreader`: reads the stamps and keeps the figures. The manual is at the head of `imp.rs`.

mod imp;

use gst::glib;
use gst::prelude::*;

glib::wrapper! {
    /// Reads the stamps and keeps the figures.
    pub struct FrameStampReader(ObjectSubclass<imp::FrameStampReader>)
        @extends gst_video::VideoFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "framestampreader", gst::Rank::NONE, FrameStampReader::static_type())
}
