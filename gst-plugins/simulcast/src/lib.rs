//! GStreamer encoder: two H.264 layers and Opus on whatever encoder the machine has.
//!
//! One element, [`simulcastenc`](simulcastenc), registered by [`plugin_register_static`] in a program or found by
//! GStreamer in the shared library. What it refuses: to wait for a picture that is not there yet, and to run an
//! encoder that has not shown here that it can encode.

mod feed;
mod simulcastenc;

pub use simulcastenc::SimulcastEnc;

fn plugin_init(plugin: &gst::Plugin) -> Result<(), gst::glib::BoolError> {
    simulcastenc::register(plugin)
}

#[expect(missing_docs, reason = "the C entry points that GStreamer's plugin macro writes")]
mod entry {
    use super::plugin_init;

    gst::plugin_define!(
        simulcastenc,
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
