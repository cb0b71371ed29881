//! A pipeline around `ndiproxysrc` that remembers what came out, and a `gst-launch-1.0` with this very plugin.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use gst::prelude::*;
use gstndiproxy::Health;

use crate::camera::DEADLINE;

const TICK: gst::ClockTime = gst::ClockTime::from_mseconds(10);

/// What came out of one pad.
#[derive(Default, Clone)]
pub(crate) struct Heard {
    pub(crate) times: Vec<gst::ClockTime>,
    pub(crate) caps: Vec<String>,
    pub(crate) events: Vec<gst::EventType>,
    pub(crate) bytes: usize,
}

pub(crate) struct Stage {
    pub(crate) pipeline: gst::Pipeline,
    pub(crate) source: gst::Element,
    video: Arc<Mutex<Heard>>,
    audio: Arc<Mutex<Heard>>,
}

impl Stage {
    /// `properties` as on a command line. Both pads end in sinks that preroll as any sink does.
    pub(crate) fn set(properties: &[(&str, &str)]) -> Self {
        let source = gst::ElementFactory::make("ndiproxysrc").build().expect("registered");
        for (name, value) in properties {
            source.set_property_from_str(name, value);
        }
        Self::around(source, None)
    }

    /// With a filter between the picture and its sink.
    pub(crate) fn around(source: gst::Element, filter: Option<&str>) -> Self {
        let pipeline = gst::Pipeline::new();
        pipeline.add(&source).expect("an empty pipeline takes it");
        let heard = ["video_src", "audio_src"].map(|name| {
            let sink = gst::ElementFactory::make("fakesink")
                .property("sync", false)
                .build()
                .expect("a core element");
            pipeline.add(&sink).expect("two sinks");
            let mut link = sink.clone();
            if let Some(caps) = filter.filter(|_| name == "video_src") {
                let filter = gst::ElementFactory::make("capsfilter").property_from_str("caps", caps).build();
                let filter = filter.expect("a core element");
                pipeline.add(&filter).expect("one filter");
                filter.link(&sink).expect("a filter links to any sink");
                link = filter;
            }
            source.link_pads(Some(name), &link, Some("sink")).expect("always pads link before data flows");
            listen(&source.static_pad(name).expect("an always pad"))
        });
        let [video, audio] = heard;
        Self { pipeline, source, video, audio }
    }

    pub(crate) fn play(&self) {
        self.pipeline.set_state(gst::State::Playing).expect("the pipeline starts");
    }

    pub(crate) fn video(&self) -> Heard {
        self.video.lock().expect("no listener panicked").clone()
    }

    pub(crate) fn audio(&self) -> Heard {
        self.audio.lock().expect("no listener panicked").clone()
    }

    pub(crate) fn health(&self) -> Health {
        self.source.property("health")
    }

    /// Waits until the source's health is this.
    pub(crate) fn is(&self, health: Health) {
        self.until(&format!("health is {health:?}"), |stage| stage.health() == health);
    }

    /// Waits for `count` more pictures.
    pub(crate) fn more_pictures(&self, count: usize) {
        let had = self.video().times.len();
        self.until("more pictures", |stage| stage.video().times.len() >= had + count);
    }

    /// Waits for a condition. No source may be an error or an end.
    pub(crate) fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let bus = self.pipeline.bus().expect("a pipeline has a bus");
        let begun = Instant::now();
        while !condition(self) {
            let message = bus.timed_pop_filtered(TICK, &[gst::MessageType::Error, gst::MessageType::Eos]);
            assert!(message.is_none(), "while waiting until {what}: {message:?}");
            assert!(
                begun.elapsed() < DEADLINE,
                "not within {DEADLINE:?}: {what} (health {:?})",
                self.health()
            );
        }
    }

    /// Waits for a message of this kind.
    pub(crate) fn message(&self, kind: gst::MessageType) -> gst::Message {
        let bus = self.pipeline.bus().expect("a pipeline has a bus");
        let deadline = gst::ClockTime::try_from(DEADLINE).expect("a short time");
        bus.timed_pop_filtered(deadline, &[kind]).unwrap_or_else(|| panic!("no {kind:?}"))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.pipeline.set_state(gst::State::Null).expect("an element can always be put away");
    }
}

fn listen(pad: &gst::Pad) -> Arc<Mutex<Heard>> {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let ear = Arc::clone(&heard);
    pad.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        let mut heard = ear.lock().expect("no listener panicked");
        if let Some(buffer) = info.buffer() {
            heard.times.push(buffer.pts().expect("each buffer has a time"));
            heard.bytes += buffer.size();
            heard.events.push(gst::EventType::Unknown);
        } else if let Some(event) = info.event() {
            heard.events.push(event.type_());
            if let gst::EventView::Caps(caps) = event.view() {
                heard.caps.push(caps.caps().to_string());
            }
        }
        gst::PadProbeReturn::Ok
    });
    heard
}

/// `gst-launch-1.0` that sees the plugin as it was built for this test, and no registry of the user's.
pub(crate) struct Launch {
    folder: tempfile::TempDir,
}

impl Launch {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = format!("{}gstndiproxy{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let test = std::env::current_exe().expect("a test is a file");
        let built: PathBuf = test.parent().expect("in a folder").join(&file);
        std::fs::copy(&built, folder.path().join(&file))
            .unwrap_or_else(|error| panic!("{}: {error}", built.display()));
        Self { folder }
    }

    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("GST_PLUGIN_PATH", self.folder.path())
            .env("GST_REGISTRY", self.folder.path().join("registry.bin"))
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
