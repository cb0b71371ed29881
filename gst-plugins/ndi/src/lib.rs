//! GStreamer plugin `ndiproxy`: an NDI source as picture, sound and truthful tally, and the listing of sources.
//!
//! - [`ndiproxysrc`]: one receiver per source.
//! - [`device`]: `ndiproxydeviceprovider`, so that `gst-device-monitor-1.0 Source/Network` lists what is there.
//!
//! Usable from `gst-launch-1.0` (see `README.md`), or linked in: `gstndiproxy::plugin_register_static()`.
//! The NDI runtime is loaded when an element is opened, never linked and never shipped; without it the plugin
//! still registers, and says what to install.

use gst::glib;

pub mod device;
pub mod ndiproxysrc;

pub use ndiproxysrc::{Bandwidth, Health, NdiProxySrc};

fn plugin_init(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    ndiproxysrc::register(plugin)?;
    device::register(plugin)
}

mod definition {
    #![expect(missing_docs, reason = "the items are the macro's own")]

    use super::plugin_init;

    gst::plugin_define!(
        ndiproxy,
        env!("CARGO_PKG_DESCRIPTION"),
        plugin_init,
        env!("CARGO_PKG_VERSION"),
        "MIT/X11",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_REPOSITORY"),
        "2026-11-23"
    );
}

pub use definition::plugin_register_static;
