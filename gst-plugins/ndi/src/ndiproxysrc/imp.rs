//! # `ndiproxysrc`: an NDI source, as a return feed needs it
//!
//! One receiver per element carries the source's picture (the small one by default: 640 on the long edge at full
//! rate, a tenth of the traffic), its sound, and the tally to and from it.
//!
//! ```text
//! gst-launch-1.0 ndiproxysrc name=cam ndi-name="STUDIO (Camera 1)" \
//!     cam.video_src ! queue ! videoconvert ! autovideosink sync=false \
//!     cam.audio_src ! queue ! audioconvert ! audioresample ! autoaudiosink sync=false
//! ```
//!
//! ## Pads
//! - `video_src`: `video/x-raw` UYVY (BGRA from a source with transparency), progressive, as the source sends it; caps
//!   follow the source when it changes.
//! - `audio_src`: `audio/x-raw` F32LE interleaved, the source's own levels. A source without sound sends gap events
//!   in its place, so that nothing waits for it.
//!
//! Each frame is pushed the moment it arrives, with the running time of that moment (strictly rising), by one thread
//! per pad. It is a live source: nothing flows in PAUSED, and its latency is 0, so sinks should have `sync=false`.
//! Either pad may be left unlinked. GStreamer lets no sink of a pipeline run before each has had its first buffer:
//! where a source may be absent while others run, give the sinks `async=false`.
//!
//! ## Properties
//! - `ndi-name`, `url-address`: which source. By name it is searched and followed; by address it is called at once;
//!   give both when both are known. `extra-ips`: machines outside this network segment to search for `ndi-name`.
//! - `bandwidth`: `lowest` (default), `highest`, `audio-only`, `metadata-only`. `receiver-name`.
//! - `tally-program`, `tally-preview`: light the source's lamps; off until set, kept over outages and states, gone
//!   with the receiver (READY, or the process's end). The element never lights one by itself.
//! - `tally-echo-program`, `tally-echo-preview` (read, notify): the lamps that the source shows, by *any* receiver.
//! - `health` (read, notify): `searching`, `connected`, `frozen` (no frame for `freeze-ms`, 500), `lost`.
//! - `stats` (read): `frames`, `audio-frames`, `drops`, `queued`, `connections`, `fps`.
//!
//! Notifications come from the element's own thread: do not change its state inside of them.
//!
//! ## What fails, and what does not
//! A source that is absent, freezes or goes is never an error and never EOS: `health` tells, the receiver goes on
//! trying, and frames resume. Without the NDI runtime the element does not reach READY, and its error says what to
//! install.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use ndi_sdk_sys::{Receiver, Runtime, Tally};

use super::Health;
use super::link::{Link, Running, locked};
use super::settings::{Settings, properties};

pub(super) static CAT: LazyLock<gst::DebugCategory> = LazyLock::new(|| {
    gst::DebugCategory::new(
        "ndiproxysrc",
        gst::DebugColorFlags::empty(),
        Some("NDI source with truthful tally"),
    )
});

/// What is known of the source.
#[derive(Default)]
struct Knowledge {
    health: Health,
    echo: Tally,
    fps: f64,
}

pub struct NdiProxySrc {
    video: gst::Pad,
    audio: gst::Pad,
    settings: Mutex<Settings>,
    knowledge: Mutex<Knowledge>,
    runtime: Mutex<Option<Arc<Runtime>>>,
    running: Mutex<Option<Running>>,
}

impl NdiProxySrc {
    pub(super) fn freeze(&self) -> Duration {
        locked(&self.settings).freeze()
    }

    pub(super) fn learn_health(&self, health: Health) {
        let before = std::mem::replace(&mut locked(&self.knowledge).health, health);
        if before != health {
            gst::info!(CAT, imp = self, "{before:?} -> {health:?}");
            self.obj().notify("health");
        }
    }

    pub(super) fn learn_echo(&self, echo: Tally) {
        let before = std::mem::replace(&mut locked(&self.knowledge).echo, echo);
        if before.program != echo.program {
            self.obj().notify("tally-echo-program");
        }
        if before.preview != echo.preview {
            self.obj().notify("tally-echo-preview");
        }
    }

    pub(super) fn learn_rate(&self, fps: f64) {
        locked(&self.knowledge).fps = fps;
    }

    /// Tells the source the tally as it is set. The lock orders concurrent words.
    pub(super) fn tell_tally(&self) {
        let settings = locked(&self.settings);
        if let Some(link) = self.link() {
            link.receiver.set_tally(settings.tally);
        }
    }

    fn link(&self) -> Option<Arc<Link>> {
        locked(&self.running).as_ref().map(Running::link)
    }

    fn set_lamp(&self, lit: bool, lamp: impl FnOnce(&mut Tally) -> &mut bool) {
        *lamp(&mut locked(&self.settings).tally) = lit;
        self.tell_tally();
    }

    /// Whether frames are handed on, or thrown away.
    fn play(&self, playing: bool) {
        if let Some(link) = self.link() {
            link.play(playing);
        }
    }

    fn stats(&self) -> gst::Structure {
        let (performance, connections) = self
            .link()
            .map_or_else(Default::default, |link| (link.receiver.performance(), link.receiver.connections()));
        gst::Structure::builder("ndiproxysrc-stats")
            .field("frames", performance.received.video)
            .field("audio-frames", performance.received.audio)
            .field("drops", performance.dropped.video)
            .field("queued", performance.queued.video)
            .field("connections", connections)
            .field("fps", locked(&self.knowledge).fps)
            .build()
    }

    fn load(&self) -> Result<(), gst::StateChangeError> {
        match Runtime::load() {
            Ok(runtime) => {
                gst::debug!(CAT, imp = self, "{} from {}", runtime.version(), runtime.path());
                *locked(&self.runtime) = Some(runtime);
                Ok(())
            }
            Err(error) => {
                gst::element_imp_error!(self, gst::LibraryError::Init, ("{error}"));
                Err(gst::StateChangeError)
            }
        }
    }

    fn open(&self) -> Result<(), gst::StateChangeError> {
        let settings = locked(&self.settings).clone();
        let runtime = locked(&self.runtime).clone().ok_or(gst::StateChangeError)?;
        let receiver = Receiver::new(&runtime, &settings.receive_options()).map_err(|error| {
            gst::element_imp_error!(self, gst::ResourceError::Settings, ("{error}"));
            gst::StateChangeError
        })?;
        let running =
            Running::start(&self.obj(), receiver, &self.video, &self.audio, settings).map_err(|error| {
                gst::element_imp_error!(
                    self,
                    gst::ResourceError::Failed,
                    ("this machine has no thread left: {error}")
                );
                gst::StateChangeError
            })?;
        *locked(&self.running) = Some(running);
        self.tell_tally();
        Ok(())
    }

    /// Ends the receiver, and with it this element's say in the source's lamps.
    fn close(&self) {
        let Some(running) = locked(&self.running).take() else { return };
        if !running.end() {
            gst::error!(CAT, imp = self, "a thread of this element panicked");
        }
        self.learn_rate(0.0);
        self.learn_echo(Tally::default());
        self.learn_health(Health::Searching);
    }
}

#[glib::object_subclass]
impl ObjectSubclass for NdiProxySrc {
    const NAME: &'static str = "GstNdiProxySrc";
    type Type = super::NdiProxySrc;
    type ParentType = gst::Element;

    fn with_class(class: &Self::Class) -> Self {
        let pad = |name| {
            let template = class.pad_template(name).expect("both templates are declared below");
            gst::Pad::builder_from_template(&template)
                .query_function(|pad, parent, query| match query.view_mut() {
                    gst::QueryViewMut::Latency(latency) => {
                        latency.set(true, gst::ClockTime::ZERO, gst::ClockTime::NONE);
                        true
                    }
                    _ => gst::Pad::query_default(pad, parent, query),
                })
                .build()
        };
        Self {
            video: pad("video_src"),
            audio: pad("audio_src"),
            settings: Mutex::default(),
            knowledge: Mutex::default(),
            runtime: Mutex::default(),
            running: Mutex::default(),
        }
    }
}

impl ObjectImpl for NdiProxySrc {
    fn properties() -> &'static [glib::ParamSpec] {
        properties()
    }

    fn constructed(&self) {
        self.parent_constructed();
        let element = self.obj();
        element.set_element_flags(gst::ElementFlags::SOURCE);
        for pad in [&self.video, &self.audio] {
            element.add_pad(pad).expect("the two pads have different names");
        }
    }

    fn set_property(&self, _id: usize, value: &glib::Value, spec: &glib::ParamSpec) {
        let type_checked = "GObject checks the type of a property before it is set";
        match spec.name() {
            "tally-program" => self.set_lamp(value.get().expect(type_checked), |tally| &mut tally.program),
            "tally-preview" => self.set_lamp(value.get().expect(type_checked), |tally| &mut tally.preview),
            name => {
                let known = locked(&self.settings).set(name, value).expect(type_checked);
                debug_assert!(known, "{name} is declared and not handled");
            }
        }
    }

    fn property(&self, _id: usize, spec: &glib::ParamSpec) -> glib::Value {
        match spec.name() {
            "health" => locked(&self.knowledge).health.to_value(),
            "tally-echo-program" => locked(&self.knowledge).echo.program.to_value(),
            "tally-echo-preview" => locked(&self.knowledge).echo.preview.to_value(),
            "stats" => self.stats().to_value(),
            name => locked(&self.settings).get(name).expect("every other property is a setting"),
        }
    }
}

impl GstObjectImpl for NdiProxySrc {}

impl ElementImpl for NdiProxySrc {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "NDI proxy source",
                "Source/Audio/Video/Network",
                "Receives an NDI source's small picture and sound, and tells it the tally",
                "The ReturnFeed authors",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            let video = gst_video::VideoCapsBuilder::new()
                .format_list([gst_video::VideoFormat::Uyvy, gst_video::VideoFormat::Bgra])
                .build();
            let audio =
                gst_audio::AudioCapsBuilder::new_interleaved().format(gst_audio::AudioFormat::F32le).build();
            let template = |name, caps| {
                gst::PadTemplate::new(name, gst::PadDirection::Src, gst::PadPresence::Always, caps)
                    .expect("a template of a fixed name and valid caps can be made")
            };
            vec![template("video_src", &video), template("audio_src", &audio)]
        });
        &TEMPLATES
    }

    fn send_event(&self, event: gst::Event) -> bool {
        match (event.type_(), self.link()) {
            (gst::EventType::Eos, Some(link)) => {
                link.end_stream();
                true
            }
            _ => self.parent_send_event(event),
        }
    }

    fn change_state(
        &self,
        transition: gst::StateChange,
    ) -> Result<gst::StateChangeSuccess, gst::StateChangeError> {
        match transition {
            gst::StateChange::NullToReady => self.load()?,
            gst::StateChange::ReadyToPaused => self.open()?,
            gst::StateChange::PausedToPlaying => self.play(true),
            gst::StateChange::PlayingToPaused => self.play(false),
            // A bin may ask for the state that already is.
            _ => {}
        }
        // Takes the pads down on the way to READY, which ends a push that blocks.
        let success = self.parent_change_state(transition);
        if transition == gst::StateChange::PausedToReady || success.is_err() {
            self.close();
        }
        match transition {
            gst::StateChange::ReadyToPaused | gst::StateChange::PlayingToPaused => {
                success.map(|_| gst::StateChangeSuccess::NoPreroll)
            }
            _ => success,
        }
    }
}
