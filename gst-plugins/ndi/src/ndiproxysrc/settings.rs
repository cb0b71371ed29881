//! What the user sets: one plain value behind one lock, and the element's properties that read and write it.

use std::sync::LazyLock;
use std::time::Duration;

use gst::glib;
use gst::prelude::*;
use ndi_sdk_sys::{ReceiveOptions, Tally};

use super::Health;

/// How much of a source is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, glib::Enum)]
#[enum_type(name = "GstNdiProxySrcBandwidth")]
#[repr(i32)]
pub enum Bandwidth {
    /// Messages and tally alone: no buffers.
    #[enum_value(name = "Messages and tally alone", nick = "metadata-only")]
    MetadataOnly = -10,
    /// The small picture (640 on the long edge, full rate) and sound.
    #[default]
    #[enum_value(name = "Small picture (640 on the long edge) and sound", nick = "lowest")]
    Lowest = 0,
    /// Sound without picture.
    #[enum_value(name = "Sound without picture", nick = "audio-only")]
    AudioOnly = 10,
    /// The full picture and sound.
    #[enum_value(name = "Full picture and sound", nick = "highest")]
    Highest = 100,
}

impl From<Bandwidth> for ndi_sdk_sys::Bandwidth {
    fn from(bandwidth: Bandwidth) -> Self {
        match bandwidth {
            Bandwidth::MetadataOnly => Self::MetadataOnly,
            Bandwidth::Lowest => Self::Lowest,
            Bandwidth::AudioOnly => Self::AudioOnly,
            Bandwidth::Highest => Self::Highest,
        }
    }
}

/// The writable properties.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) ndi_name: Option<String>,
    pub(super) url_address: Option<String>,
    pub(super) extra_ips: Option<String>,
    pub(super) receiver_name: Option<String>,
    pub(super) bandwidth: Bandwidth,
    /// What this receiver asks of the source's lamps. Dark until someone says otherwise.
    pub(super) tally: Tally,
    pub(super) freeze_ms: u32,
}

const DEFAULT_FREEZE_MS: u32 = 500;

impl Default for Settings {
    fn default() -> Self {
        Self {
            ndi_name: None,
            url_address: None,
            extra_ips: None,
            receiver_name: None,
            bandwidth: Bandwidth::default(),
            tally: Tally::default(),
            freeze_ms: DEFAULT_FREEZE_MS,
        }
    }
}

impl Settings {
    /// The part that the receiver is made from.
    pub(super) fn receive_options(&self) -> ReceiveOptions {
        ReceiveOptions {
            name: self.ndi_name.clone(),
            url: self.url_address.clone(),
            bandwidth: self.bandwidth.into(),
            receiver_name: self.receiver_name.clone(),
        }
    }

    /// After how much silence a source is frozen.
    pub(super) fn freeze(&self) -> Duration {
        Duration::from_millis(self.freeze_ms.into())
    }

    /// Takes a property that is not the tally. Whether there is one of that name.
    pub(super) fn set(
        &mut self,
        name: &str,
        value: &glib::Value,
    ) -> Result<bool, glib::value::ValueTypeMismatchError> {
        match name {
            "ndi-name" => self.ndi_name = text(value)?,
            "url-address" => self.url_address = text(value)?,
            "extra-ips" => self.extra_ips = text(value)?,
            "receiver-name" => self.receiver_name = text(value)?,
            "bandwidth" => self.bandwidth = value.get()?,
            "freeze-ms" => self.freeze_ms = value.get()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Gives a writable property.
    pub(super) fn get(&self, name: &str) -> Option<glib::Value> {
        Some(match name {
            "ndi-name" => self.ndi_name.to_value(),
            "url-address" => self.url_address.to_value(),
            "extra-ips" => self.extra_ips.to_value(),
            "receiver-name" => self.receiver_name.to_value(),
            "bandwidth" => self.bandwidth.to_value(),
            "freeze-ms" => self.freeze_ms.to_value(),
            "tally-program" => self.tally.program.to_value(),
            "tally-preview" => self.tally.preview.to_value(),
            _ => return None,
        })
    }
}

fn text(value: &glib::Value) -> Result<Option<String>, glib::value::ValueTypeMismatchError> {
    let text: Result<Option<String>, _> = value.get();
    text.map(|text| text.filter(|text| !text.is_empty()))
}

/// Every property of the element, as `gst-inspect-1.0` shows it.
pub(super) fn properties() -> &'static [glib::ParamSpec] {
    static PROPERTIES: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
        let string = |name, nick, blurb| {
            glib::ParamSpecString::builder(name).nick(nick).blurb(blurb).mutable_ready().build()
        };
        let lamp = |name, nick, blurb| {
            glib::ParamSpecBoolean::builder(name).nick(nick).blurb(blurb).mutable_playing().build()
        };
        let echo = |name, nick, blurb| {
            glib::ParamSpecBoolean::builder(name).nick(nick).blurb(blurb).read_only().build()
        };
        vec![
            string("ndi-name", "NDI name", "The source's name, MACHINE (Name); followed when its address changes"),
            string("url-address", "Address", "The source's address, IP:PORT; called at once, without a search"),
            string("extra-ips", "Extra IPs", "Machines outside this network segment to ask for ndi-name, comma separated"),
            string("receiver-name", "Receiver name", "What the source sees this receiver called"),
            glib::ParamSpecEnum::builder_with_default("bandwidth", Bandwidth::default())
                .nick("Bandwidth")
                .blurb("How much of the source is fetched")
                .mutable_ready()
                .build(),
            lamp("tally-program", "Tally programme", "Light the source's RED lamp"),
            lamp("tally-preview", "Tally preview", "Light the source's GREEN lamp"),
            glib::ParamSpecUInt::builder("freeze-ms")
                .nick("Freeze time")
                .blurb("After how many ms without a frame a connected source counts as frozen")
                .minimum(50)
                .default_value(DEFAULT_FREEZE_MS)
                .mutable_playing()
                .build(),
            echo("tally-echo-program", "Tally echo programme", "The source's RED lamp is lit, by any receiver"),
            echo("tally-echo-preview", "Tally echo preview", "The source's GREEN lamp is lit, by any receiver"),
            glib::ParamSpecEnum::builder_with_default("health", Health::default())
                .nick("Health")
                .blurb("Whether the source is there and alive")
                .read_only()
                .build(),
            glib::ParamSpecBoxed::builder::<gst::Structure>("stats")
                .nick("Statistics")
                .blurb("frames, audio-frames, drops, queued, connections (of this receiver) and fps (of the last second)")
                .read_only()
                .build(),
        ]
    });
    &PROPERTIES
}
