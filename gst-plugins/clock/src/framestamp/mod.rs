//! `framestamp`: the wall clock, written into each picture. The manual is at the head of `imp.rs`.

mod imp;

use gst::glib;
use gst::prelude::*;

glib::wrapper! {
    /// Writes the wall clock into each picture.
    pub struct FrameStamp(ObjectSubclass<imp::FrameStamp>)
        @extends gst_video::VideoFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "framestamp", gst::Rank::NONE, FrameStamp::static_type())
}
