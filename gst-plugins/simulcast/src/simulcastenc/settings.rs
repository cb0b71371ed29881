//! The properties of the element.
//!
//! It refuses nothing: GLib holds every value in the range given here. Invariant: each writable property stands in
//! `properties`, `set` and `get`.

use std::sync::LazyLock;

use gst::glib;
use gst::prelude::*;

use super::CAT;
use super::plan::{HIGH_BITRATE, LOW_BITRATE, LayerName, LayerPlan};

const AUTO: &str = "auto";

/// What can be set on the element.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The encoder to try first, or `auto`.
    pub(crate) encoder: String,
    /// Video bit/s of the high layer.
    high_bitrate: u32,
    /// Video bit/s of the low layer.
    low_bitrate: u32,
    /// Milliseconds between key frames.
    pub(crate) gop_ms: u32,
    /// Whether a late encoder costs pictures (live) or time (files).
    pub(crate) leaky: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            encoder: AUTO.to_owned(),
            high_bitrate: HIGH_BITRATE,
            low_bitrate: LOW_BITRATE,
            gop_ms: 2000,
            leaky: true,
        }
    }
}

impl Settings {
    /// The two layers as they are to run.
    pub(crate) fn plans(&self) -> [LayerPlan; 2] {
        [LayerName::High.plan(self.high_bitrate), LayerName::Low.plan(self.low_bitrate)]
    }

    /// Sets one by its property's name.
    pub(crate) fn set(&mut self, name: &str, value: &glib::Value) {
        const TYPED: &str = "GLib has checked the type against the parameter specification";
        match name {
            "encoder" => {
                let wish: Option<String> = value.get().expect(TYPED);
                self.encoder = wish.filter(|wish| !wish.is_empty()).unwrap_or_else(|| AUTO.to_owned());
            }
            "high-bitrate" => self.high_bitrate = value.get().expect(TYPED),
            "low-bitrate" => self.low_bitrate = value.get().expect(TYPED),
            "gop-ms" => self.gop_ms = value.get().expect(TYPED),
            "leaky" => self.leaky = value.get().expect(TYPED),
            other => gst::warning!(CAT, "no property {other} to set"),
        }
    }

    /// One by its property's name.
    pub(crate) fn get(&self, name: &str) -> Option<glib::Value> {
        Some(match name {
            "encoder" => self.encoder.to_value(),
            "high-bitrate" => self.high_bitrate.to_value(),
            "low-bitrate" => self.low_bitrate.to_value(),
            "gop-ms" => self.gop_ms.to_value(),
            "leaky" => self.leaky.to_value(),
            _ => return None,
        })
    }
}

/// All properties, with their ranges and texts.
pub(crate) fn properties() -> &'static [glib::ParamSpec] {
    static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
        vec![
                glib::ParamSpecString::builder("encoder")
                    .nick("Encoder")
                    .blurb("auto, or the encoder element to try first; if it does not work here the others follow")
                    .default_value(Some(AUTO))
                    .mutable_ready()
                    .build(),
                glib::ParamSpecString::builder("chosen-encoder")
                    .nick("Chosen encoder")
                    .blurb("The encoder element that runs, empty below READY")
                    .read_only()
                    .build(),
                glib::ParamSpecString::builder("candidates")
                    .nick("Candidates")
                    .blurb("One line for each encoder: name (family): verdict: reason")
                    .read_only()
                    .build(),
                glib::ParamSpecUInt::builder("high-bitrate")
                    .nick("High bit rate")
                    .blurb("Video bits per second of the high layer, without headers")
                    .minimum(100_000)
                    .maximum(20_000_000)
                    .default_value(HIGH_BITRATE)
                    .mutable_playing()
                    .build(),
                glib::ParamSpecUInt::builder("low-bitrate")
                    .nick("Low bit rate")
                    .blurb("Video bits per second of the low layer, without headers")
                    .minimum(20_000)
                    .maximum(5_000_000)
                    .default_value(LOW_BITRATE)
                    .mutable_playing()
                    .build(),
                glib::ParamSpecUInt::builder("gop-ms")
                    .nick("Key frame distance")
                    .blurb("Milliseconds between key frames that nobody asked for, by time, whatever the picture rate")
                    .minimum(100)
                    .maximum(60_000)
                    .default_value(2000)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoolean::builder("leaky")
                    .nick("Leaky")
                    .blurb("Drop the oldest waiting picture when an encoder is late; if false the source waits (files)")
                    .default_value(true)
                    .mutable_playing()
                    .build(),
            ]
    });
    &PROPERTIES
}
