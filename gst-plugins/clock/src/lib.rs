//! GStreamer elements that measure glass to glass: time in the picture, a flash and a tone.
//!
//! `framestamp` writes the wall clock into each picture, `framestampreader` reads it back and keeps the figures,
//! `framestamptone` beeps with the flash. The layout ([`bits`], [`picture`]) is shared with the reader in the
//! browser, so it is fixed. What it refuses: to guess. A picture whose check sum is wrong is counted, not used.

pub mod bits;
mod framestamp;
mod framestampreader;
mod framestamptone;
pub mod picture;
mod statistics;
mod wall;

pub use framestamp::FrameStamp;
pub use framestampreader::FrameStampReader;
pub use framestamptone::FrameStampTone;

fn plugin_init(plugin: &gst::Plugin) -> Result<(), gst::glib::BoolError> {
    framestamp::register(plugin)?;
    framestampreader::register(plugin)?;
    framestamptone::register(plugin)
}

/// A sink and a source pad with the same caps, as filters have them.
fn both_ways(caps: &gst::Caps) -> Vec<gst::PadTemplate> {
    [("sink", gst::PadDirection::Sink), ("src", gst::PadDirection::Src)]
        .map(|(name, direction)| gst::PadTemplate::new(name, direction, gst::PadPresence::Always, caps))
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("names and caps of the two templates are constants")
}

#[expect(missing_docs, reason = "the C entry points that GStreamer's plugin macro writes")]
mod entry {
    use super::plugin_init;

    gst::plugin_define!(
        framestamp,
        env!("CARGO_PKG_DESCRIPTION"),
        plugin_init,
        env!("CARGO_PKG_VERSION"),
        "MIT/X11",
        env!("CARGO_PKG_NAME"),
        "ReturnFeed",
        env!("CARGO_PKG_REPOSITORY")
    );
}
pub use entry::plugin_register_static;
