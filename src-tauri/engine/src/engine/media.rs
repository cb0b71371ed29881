//! Everything of the engine that carries frames: sources, mixer, encoder, and the outlets to the push.
//!
//! Refuses to know what a frame is for. Invariant: dropping it ends its threads, what makes frames before what takes
//! them.

use std::sync::{Arc, Weak};

use returnfeed_protocol::Layer;
use tokio::sync::mpsc;

use super::{EngineConfig, StartError, deliver};
use crate::clock::EngineClock;
use crate::controller::Event;
use crate::encode::{EncoderEvent, EncoderKeeper, EncoderSlot, OnUnit};
use crate::monitor::Screen;
use crate::multiview::Painter;
use crate::picture::slate::{Slate, SlateText};
use crate::push::Outlets;
use crate::record::{self, Inlet, Recorder, RecorderConfig};
use crate::sources::{Source, SourceConfig, SourceNumber};
use crate::switch::{Mixer, OnDesk};

/// Everything that carries frames.
pub(super) struct Media {
    pub(super) clock: EngineClock,
    // Ended in this order: what makes frames before what takes them.
    pub(super) sources: Vec<Source>,
    pub(super) painter: Painter,
    /// What comes back from the cloud.
    pub(super) screen: Screen,
    pub(super) mixer: Arc<Mixer>,
    mixer_thread: Option<std::thread::JoinHandle<()>>,
    pub(super) encoder: EncoderSlot,
    pub(super) outlets: Arc<Outlets>,
    _keeper: EncoderKeeper,
    recorder: Recorder,
}

impl Media {
    pub(super) fn start(
        config: &EngineConfig,
        first: Option<SourceNumber>,
        events: &mpsc::Sender<Event>,
    ) -> Result<Self, StartError> {
        crate::init().map_err(StartError::GStreamer)?;
        let clock = EngineClock::start();
        let outlets = Arc::new(Outlets::default());
        let encoder = EncoderSlot::default();
        let recording = events.clone();
        let recorder = Recorder::start(
            RecorderConfig { folder: config.recordings.clone(), show: config.show.clone() },
            Box::new(record::free_bytes),
            Box::new(move |state| deliver(&recording, Event::Recording(state))),
        )?;
        let keeper = EncoderKeeper::start(
            clock.clone(),
            encoder.clone(),
            on_unit(&outlets, recorder.inlet(), &encoder),
            Box::new({
                let events = events.clone();
                move |event| deliver(&events, event.into())
            }),
        )?;
        let slates = (0..config.sources.len()).map(|place| {
            let title = format!("{}  {}", SourceNumber::at(place), config.label(place));
            Slate::new(&SlateText { title, trouble: "Opening…".to_owned() })
        });
        let (buses, transitions) = (events.clone(), events.clone());
        let on = OnDesk {
            buses: Box::new(move |now, at| deliver(&buses, Event::Buses(now, at))),
            transition: Box::new(move |running| deliver(&transitions, Event::Transition(running))),
        };
        let first = first.unwrap_or(SourceNumber::at(0));
        let mixer = Mixer::new(clock.clone(), slates.collect(), first, Box::new(encoder.clone()), on);
        let mixer_thread = Some(mixer.run()?);
        let screen = Screen::default();
        let painter = Painter::start(Arc::clone(&mixer), config.sources.len(), screen.clone())?;
        let mut media = Self {
            clock: clock.clone(),
            sources: Vec::new(),
            painter,
            screen,
            mixer,
            mixer_thread,
            encoder,
            outlets,
            _keeper: keeper,
            recorder,
        };
        for (place, spec) in config.sources.iter().enumerate() {
            let number = SourceNumber::at(place);
            let source = SourceConfig { number, spec: spec.clone(), marks: config.marks };
            let (events, lamps) = (events.clone(), events.clone());
            let on_health = Arc::new(move |number, health| deliver(&events, Event::Source(number, health)));
            let on_lamp = Arc::new(move |number, echo| deliver(&lamps, Event::SourceLamp(number, echo)));
            let mixer = Arc::clone(&media.mixer);
            media.sources.push(Source::start(source, clock.clone(), mixer, on_health, on_lamp)?);
        }
        Ok(media)
    }
}

impl Media {
    /// Records from the next keyframe on, which is asked for; or no longer.
    pub(super) fn record(&self, on: bool) {
        self.recorder.record(on);
        if on {
            self.encoder.request_keyframe(Layer::High);
        }
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        // All are asked before any is waited for.
        self.sources.iter().for_each(Source::end);
        self.sources.clear();
        self.mixer.end();
        if self.mixer_thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the mixer panicked");
        }
    }
}

impl From<EncoderEvent> for Event {
    fn from(event: EncoderEvent) -> Self {
        match event {
            EncoderEvent::Chosen { chosen, candidates } => Self::Encoder { chosen, candidates },
            EncoderEvent::Failed(reason) => Self::EncoderFailed(reason),
        }
    }
}

/// From the encoder's threads into the outlets and the recording; a layer that lost frames asks for a keyframe.
fn on_unit(outlets: &Arc<Outlets>, recording: Inlet, encoder: &EncoderSlot) -> OnUnit {
    let outlets: Weak<Outlets> = Arc::downgrade(outlets);
    let encoder = encoder.clone();
    Arc::new(move |layer, timed| {
        let torn = layer == Layer::High && recording.push(&timed.unit);
        if outlets.upgrade().is_some_and(|outlets| outlets.push(layer, timed)) || torn {
            encoder.request_keyframe(layer);
        }
    })
}
