//! `ndiproxydeviceprovider`: the NDI sources that are there, for device monitors.
//!
//! ```text
//! gst-device-monitor-1.0 -f Source/Network
//! ```
//!
//! Without `-f` it lists what answers within half a second, which a network's own discovery may not.
//! Each device makes an `ndiproxysrc` that knows its source by name and address. Machines outside this network
//! segment are asked if the environment names them (`NDIPROXY_EXTRA_IPS`, comma separated), or the NDI runtime's own
//! configuration does. Without the NDI runtime the list is empty, and a warning says what to install: other
//! providers of the same monitor must not suffer.

use gst::glib;
use gst::prelude::*;

mod listing;
mod provider;

glib::wrapper! {
    /// Lists NDI sources.
    pub struct NdiProxyDeviceProvider(ObjectSubclass<provider::NdiProxyDeviceProvider>)
        @extends gst::DeviceProvider, gst::Object;
}

glib::wrapper! {
    /// One NDI source that was found.
    pub struct NdiProxyDevice(ObjectSubclass<listing::NdiProxyDevice>) @extends gst::Device, gst::Object;
}

pub(crate) fn register(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::DeviceProvider::register(
        Some(plugin),
        "ndiproxydeviceprovider",
        gst::Rank::PRIMARY,
        NdiProxyDeviceProvider::static_type(),
    )
}
