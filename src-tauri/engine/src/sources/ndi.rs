//! An NDI source of the network: picture and sound in, its tally lamp out.
//!
//! Refuses to rebuild what only went silent: the receiver waits for its source by itself. Invariant: without the
//! switcher's word the lamp is dark.

use std::net::SocketAddr;

use gst::prelude::*;
use gstndiproxy::Health;

use super::lamp::TallyLamp;
use super::tail::Tails;
use super::{Built, Trouble, broken, element};
use crate::sentence::Sentence;

/// How the source is named.
pub(super) enum By<'a> {
    /// By its full name.
    Name(&'a str),
    /// By its address.
    Url(SocketAddr),
}

pub(super) fn build(by: By<'_>, tails: &Tails) -> Result<Built, Trouble> {
    let pipeline = gst::Pipeline::new();
    let source = element("ndiproxysrc", "the engine again: its NDI plugin did not register")?;
    match by {
        By::Name(name) => source.set_property("ndi-name", name),
        By::Url(address) => source.set_property("url-address", address.to_string()),
    }
    source.set_property("receiver-name", "ReturnFeed");
    pipeline.add(&source).map_err(broken)?;
    let parent: &gst::Bin = pipeline.upcast_ref();
    let pads = [("video_src", tails.picture(parent, false)?), ("audio_src", tails.sound(parent, false)?)];
    for (name, tail) in pads {
        let pad = source.static_pad(name).ok_or_else(|| broken(format!("ndiproxysrc has no {name}")))?;
        pad.link(&tail).map_err(broken)?;
    }
    Ok(Built { pipeline, loops: false, heals_itself: true, tally: Some(source) })
}

/// The lamps that the source says it shows, on whoever's account.
pub(super) fn shows(source: &gst::Element) -> TallyLamp {
    TallyLamp {
        programme: source.property("tally-echo-program"),
        preview: source.property("tally-echo-preview"),
    }
}

/// Why no frames come, where the source is not on the network; `None`: it is, or nobody can say.
pub(super) fn absence(source: &gst::Element) -> Option<Sentence> {
    match source.property::<Health>("health") {
        Health::Searching => Some(Sentence::ndi_absent()),
        Health::Lost => Some(Sentence::ndi_left()),
        Health::Connected | Health::Frozen => None,
    }
}
