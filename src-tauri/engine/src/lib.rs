//! The whole director without a window: sources, switch, encode, push, uplink.
//!
//! This crate refuses to know a window (the [`gui::Gui`] seam) or a web server. Invariant: nothing that was on air
//! stops because something new failed.
//!
//! `controller` decides; `engine` does; `sources` -> `switch` -> `encode` -> `push` carry frames; `inputs` hears foreign
//! switchers; `outputs` tells our lamps to others; `lan` tells the operators' pages without the cloud; `uplink` speaks with
//! the cloud; `journal` writes what a show leaves behind; `monitor` plays what comes back from the cloud; `sync` keeps the
//! shows, and `show` makes one run. Whoever draws asks `figures` and `multiview`.

mod bearer;
pub mod clock;
pub mod console;
pub mod control;
pub mod controller;
pub mod encode;
pub mod engine;
pub mod figures;
pub mod gui;
pub mod inputs;
pub mod journal;
pub mod keep;
pub mod lan;
mod monitor;
pub mod multiview;
pub mod outputs;
pub mod picture;
pub mod push;
pub mod record;
pub mod secrets;
pub mod sentence;
pub mod show;
pub mod signin;
pub mod sources;
pub mod studio;
pub mod switch;
pub mod sync;
pub mod uplink;
pub mod view;

/// Starts GStreamer and registers the project's own elements; may be called again.
///
/// # Errors
/// What GStreamer says.
pub fn init() -> Result<(), String> {
    let say = |error: gst::glib::BoolError| error.to_string();
    gst::init().map_err(|error| error.to_string())?;
    gstsimulcastenc::plugin_register_static().map_err(say)?;
    gstframestamp::plugin_register_static().map_err(say)?;
    gstndiproxy::plugin_register_static().map_err(say)
}

/// Where this user's shows, secrets and recordings are, unless another folder is named.
pub fn data_folder() -> std::path::PathBuf {
    gst::glib::user_data_dir().join("returnfeed")
}
