//! # simulcastenc
//!
//! One picture in, two H.264 layers out, and Opus beside them, on whatever encoder this machine really has.
//!
//! ```sh
//! gst-launch-1.0 -v simulcastenc name=e \
//!   videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=360,framerate=60/1 ! e.video_sink \
//!   audiotestsrc is-live=true ! audio/x-raw,format=F32LE,rate=48000,channels=2 ! e.audio_sink \
//!   e.high_src ! fakesink  e.low_src ! fakesink  e.audio_src ! fakesink
//! ```
//!
//! ## Pads
//! - `video_sink`: I420 640x360 at any rate up to 60, also changing (`0/1`). Never blocks the source: each layer has a
//!   thread and room for two pictures, the oldest is dropped before the encoder.
//! - `audio_sink`: F32LE, 48 kHz, one or two channels. May stay unlinked (then leave `audio_src` unlinked too).
//! - `high_src`: 640x360 up to 60. `low_src`: 320x180 up to 30; what is faster is dropped, nothing is repeated or
//!   delayed. A picture that is flagged `DISCONT` shows something else than the one before and is taken however soon
//!   it comes: a cut is seen at its frame in both. Both: byte stream, one access unit per buffer, constrained baseline, no B-frames, parameter sets with
//!   each IDR, PTS and segment as they came in.
//! - `audio_src`: Opus, 20 ms, in-band FEC, 32 kbit/s mono or 48 kbit/s stereo.
//!
//! A `GstForceKeyUnit` event sent upstream into a source pad makes the next picture of that layer an IDR, and of no
//! other. Otherwise an IDR comes each `gop-ms`, by time. Either layer may stay unlinked.
//!
//! ## Choosing an encoder
//! Going from NULL to READY the element tries the candidates in order with ten pictures in both layers at once:
//! key frame first and on request, constrained baseline, no B-frames, one out for one in, within six seconds. The
//! first that passes runs. `candidates` and the element message `simulcastenc-encoder` say of each why it was passed
//! over. If it fails later, the next is tried and goes on before the next picture, with a warning on the bus.
//!
//! ## Properties
//! `encoder`, `chosen-encoder`, `candidates`, `high-bitrate`, `low-bitrate`, `gop-ms`, `leaky`: see their texts below.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;

use super::CAT;
use super::audio;
use super::house::House;
use super::layer::Layer;
use super::plan::{LOW_BITRATE, LayerName};
use super::settings::{self, Settings};
use crate::feed::Feed;

struct Parts {
    house: Arc<House>,
    layers: [Arc<Layer>; 2],
    feeds: [Feed; 2],
}

#[derive(Default)]
pub struct SimulcastEnc {
    settings: Mutex<Settings>,
    parts: OnceLock<Parts>,
}

impl SimulcastEnc {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self) -> Result<Parts, glib::BoolError> {
        let element = self.obj();
        let ghost = |name: &str| -> Result<gst::GhostPad, glib::BoolError> {
            let template =
                element.pad_template(name).ok_or_else(|| glib::bool_error!("no template {name}"))?;
            let pad = gst::GhostPad::builder_from_template(&template).name(name).build();
            element.add_pad(&pad)?;
            Ok(pad)
        };
        let entry = ghost("video_sink")?;
        let exits = [ghost("high_src")?, ghost("low_src")?];
        audio::build(element.upcast_ref(), &ghost("audio_sink")?, &ghost("audio_src")?)?;

        let house = Arc::new(House::new(&element));
        let settings = self.settings().clone();
        let tee =
            gst::ElementFactory::make("tee").name("split").property("allow-not-linked", true).build()?;
        element.add(&tee)?;
        let mut plans = settings.plans().into_iter();
        let layers = exits.map(|exit| {
            let plan = plans.next().unwrap_or_else(|| LayerName::Low.plan(LOW_BITRATE));
            Layer::new(house.clone(), exit, plan, settings.gop_ms)
        });
        let feeds = [layers[0].feed(), layers[1].feed()];
        for feed in &feeds {
            element.add(feed)?;
            tee.link(feed)?;
        }
        entry.set_target(tee.static_pad("sink").as_ref())?;
        Ok(Parts { house, layers, feeds })
    }

    /// Chooses the encoder and puts it into both layers.
    fn prepare(&self) -> Result<(), gst::StateChangeError> {
        let Some(parts) = self.parts.get() else { return Err(gst::StateChangeError) };
        let settings = self.settings().clone();
        let fail = |reason: String| {
            gst::element_imp_error!(self, gst::LibraryError::Init, ("{reason}"));
            gst::StateChangeError
        };
        let current =
            parts.house.choose(&settings.encoder, settings.plans()).map_err(|none| fail(none.to_string()))?;
        gst::info!(CAT, imp = self, "encodes with {}", current.candidate.factory);
        for ((layer, feed), plan) in parts.layers.iter().zip(&parts.feeds).zip(settings.plans()) {
            layer.reset(plan, settings.gop_ms);
            feed.set_leaky(settings.leaky);
            layer.install(self.obj().upcast_ref(), current).map_err(fail)?;
        }
        Ok(())
    }
}

#[glib::object_subclass]
impl ObjectSubclass for SimulcastEnc {
    const NAME: &'static str = "ReturnFeedSimulcastEnc";
    type Type = super::SimulcastEnc;
    type ParentType = gst::Bin;
}

impl ObjectImpl for SimulcastEnc {
    fn properties() -> &'static [glib::ParamSpec] {
        settings::properties()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, pspec: &glib::ParamSpec) {
        let mut settings = self.settings();
        settings.set(pspec.name(), value);
        let now = settings.clone();
        drop(settings);
        for feed in self.parts.get().iter().flat_map(|parts| &parts.feeds) {
            feed.set_leaky(now.leaky);
        }
        let layers = self.parts.get().map(|parts| &parts.layers);
        for (layer, plan) in layers.into_iter().flatten().zip(now.plans()) {
            layer.set_bitrate(plan.bitrate);
        }
    }

    fn property(&self, _id: usize, pspec: &glib::ParamSpec) -> glib::Value {
        let told = || self.parts.get().map(|parts| parts.house.told()).unwrap_or_default();
        match pspec.name() {
            "chosen-encoder" => told().chosen.unwrap_or("").to_value(),
            "candidates" => told().report.to_value(),
            name => self.settings().get(name).unwrap_or_else(|| pspec.default_value().clone()),
        }
    }

    fn constructed(&self) {
        self.parent_constructed();
        match self.build() {
            // Constructed once, so the cell is empty.
            Ok(parts) => drop(self.parts.set(parts)),
            Err(error) => {
                gst::error!(CAT, imp = self, "incomplete, install GStreamer's base plugins: {error}")
            }
        }
    }
}

impl GstObjectImpl for SimulcastEnc {}

impl ElementImpl for SimulcastEnc {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Simulcast encoder",
                "Codec/Encoder/Video/Audio",
                env!("CARGO_PKG_DESCRIPTION"),
                "ReturnFeed",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| templates().unwrap_or_default());
        &TEMPLATES
    }

    fn change_state(
        &self,
        change: gst::StateChange,
    ) -> Result<gst::StateChangeSuccess, gst::StateChangeError> {
        let Some(parts) = self.parts.get() else {
            gst::element_imp_error!(
                self,
                gst::CoreError::MissingPlugin,
                ["install GStreamer's base plugins"]
            );
            return Err(gst::StateChangeError);
        };
        match change {
            gst::StateChange::NullToReady => self.prepare()?,
            gst::StateChange::ReadyToPaused => parts.house.set_open(true),
            gst::StateChange::PausedToReady => parts.house.set_open(false),
            _ => {}
        }
        let changed = self.parent_change_state(change)?;
        if change == gst::StateChange::ReadyToNull {
            for layer in &parts.layers {
                layer.uninstall(self.obj().upcast_ref());
            }
        }
        Ok(changed)
    }
}

impl BinImpl for SimulcastEnc {
    fn handle_message(&self, message: gst::Message) {
        if let (gst::MessageView::Error(error), Some(source)) = (message.view(), message.src()) {
            let layers = self.parts.get().map(|parts| &parts.layers);
            if let Some(layer) = layers.into_iter().flatten().find(|layer| layer.owns(source)) {
                layer.mark_broken(error.error().to_string());
                return;
            }
        }
        self.parent_handle_message(message);
    }
}

fn templates() -> Result<Vec<gst::PadTemplate>, glib::BoolError> {
    let raw = gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", LayerName::High.plan(0).width)
        .field("height", LayerName::High.plan(0).height)
        .field("framerate", gst::FractionRange::new(gst::Fraction::new(0, 1), gst::Fraction::new(60, 1)))
        .build();
    let sound = gst::Caps::builder("audio/x-raw")
        .field("format", "F32LE")
        .field("layout", "interleaved")
        .field("rate", 48_000i32)
        .field("channels", gst::IntRange::new(1, 2))
        .build();
    let coded = gst::Caps::builder("video/x-h264")
        .field("stream-format", "byte-stream")
        .field("alignment", "au")
        .field("profile", "constrained-baseline")
        .build();
    let opus = gst::Caps::builder("audio/x-opus").build();
    let always =
        |name, direction, caps| gst::PadTemplate::new(name, direction, gst::PadPresence::Always, caps);
    Ok(vec![
        always("video_sink", gst::PadDirection::Sink, &raw)?,
        always("audio_sink", gst::PadDirection::Sink, &sound)?,
        always("high_src", gst::PadDirection::Src, &coded)?,
        always("low_src", gst::PadDirection::Src, &coded)?,
        always("audio_src", gst::PadDirection::Src, &opus)?,
    ])
}
