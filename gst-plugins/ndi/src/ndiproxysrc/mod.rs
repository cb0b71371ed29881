//! `ndiproxysrc`: one NDI source as picture, sound, truthful tally and health. The manual opens `imp.rs`.

use gst::glib;
use gst::prelude::*;

mod capture;
mod echo;
mod health;
mod imp;
mod link;
mod outlet;
mod picture;
mod settings;
mod shape;
mod sound;
mod watch;

pub use health::Health;
pub use settings::Bandwidth;

glib::wrapper! {
    /// The element. Its properties are in `imp.rs`.
    pub struct NdiProxySrc(ObjectSubclass<imp::NdiProxySrc>) @extends gst::Element, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(Some(plugin), "ndiproxysrc", gst::Rank::NONE, NdiProxySrc::static_type())
}
