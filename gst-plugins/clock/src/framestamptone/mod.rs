//! `framestamptone`: a beep with each flash. The manual is at the head of `imp.rs`.

mod beep;
mod imp;

use gst::glib;
use gst::prelude::*;

glib::wrapper! {
    /// Beeps with each flash.
    pub struct FrameStampTone(ObjectSubclass<imp::FrameStampTone>)
        @extends gst_audio::AudioFilter, gst_base::BaseTransform, gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "framestamptone", gst::Rank::NONE, FrameStampTone::static_type())
}
