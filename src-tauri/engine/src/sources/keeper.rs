//! Keeps one source running: builds its pipeline, hears its bus, and does what [`super::health::Watch`] says.
//!
//! Refuses to decide when a source is frozen or when to try again. Invariant: its thread ends with the source, and
//! with it the pipeline.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use gst::prelude::*;

use super::health::{Health, Repair, Watch};
use super::tail::Tails;
use super::{Built, Marks, SourceNumber, SourceSpec, build};
use crate::clock::EngineClock;
use crate::picture::slate::{Slate, SlateText};
use crate::switch::Mixer;

/// How often a source is looked at: the slate is due 1 s after the last frame, and is asked for at 700 ms.
const LOOK: gst::ClockTime = gst::ClockTime::from_mseconds(40);

/// Hears of every change of a source's health. Must only pass the word on.
pub type OnHealth = Arc<dyn Fn(SourceNumber, Health) + Send + Sync>;

/// A source of the switcher.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    /// Its key on the switcher.
    pub number: SourceNumber,
    /// What it is.
    pub spec: SourceSpec,
    /// For those who measure.
    pub marks: Marks,
}

/// A lamp on the source itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TallyLamp {
    /// RED.
    pub programme: bool,
    /// GREEN.
    pub preview: bool,
}

/// A source that is kept running until it is dropped.
pub struct Source {
    ended: Arc<AtomicBool>,
    lamp: Arc<Mutex<TallyLamp>>,
    thread: Option<JoinHandle<()>>,
}

impl Source {
    /// Starts keeping it. Never fails on the source's account: what is wrong is its health.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        config: SourceConfig,
        clock: EngineClock,
        mixer: Arc<Mixer>,
        on_health: OnHealth,
    ) -> std::io::Result<Self> {
        let heals_itself = matches!(config.spec, SourceSpec::NdiName(_) | SourceSpec::NdiUrl(_));
        let watch = Arc::new(Mutex::new(Watch::new(heals_itself, clock.now())));
        let tails = Tails { number: config.number, clock, mixer, watch, on_health };
        let ended = Arc::new(AtomicBool::new(false));
        let lamp = Arc::new(Mutex::new(TallyLamp::default()));
        let keeper =
            Keeper { config, tails, lamp: Arc::clone(&lamp), ended: Arc::clone(&ended), running: None };
        let name = format!("source {}", keeper.config.number);
        let thread = std::thread::Builder::new().name(name).spawn(move || keeper.keep())?;
        Ok(Self { ended, lamp, thread: Some(thread) })
    }

    /// Lights the lamp on the source itself, where it has one.
    pub fn set_lamp(&self, lamp: TallyLamp) {
        *self.lamp.lock().unwrap_or_else(PoisonError::into_inner) = lamp;
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A source may hang in its driver for ever; the others must not wait for it.
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
            while !thread.is_finished() && std::time::Instant::now() < deadline {
                std::thread::park_timeout(std::time::Duration::from_millis(5));
            }
            if thread.is_finished() {
                drop(thread.join());
            } else {
                tracing::warn!("a source hangs in its driver; it is left behind");
            }
        }
    }
}

struct Running {
    built: Built,
    bus: gst::Bus,
    lamp: Option<TallyLamp>,
    /// Whether the first segment of a loop was asked for.
    looping: bool,
}

struct Keeper {
    config: SourceConfig,
    tails: Tails,
    lamp: Arc<Mutex<TallyLamp>>,
    ended: Arc<AtomicBool>,
    running: Option<Running>,
}

impl Keeper {
    fn keep(mut self) {
        let mut shown = None;
        while !self.ended.load(Ordering::Relaxed) {
            match self.watch(|watch, now| watch.handle_timeout(now)) {
                Repair::Build => self.build(),
                Repair::TearDown => self.tear_down(),
                Repair::None => {}
            }
            if let Err(trouble) = self.hear() {
                self.tear_down();
                self.watch(|watch, now| watch.handle_failure(trouble, now));
            }
            self.show_health(&mut shown);
            self.light();
            if self.running.is_none() {
                std::thread::park_timeout(LOOK.into());
            }
        }
        self.tear_down();
    }

    fn watch<T>(&self, change: impl FnOnce(&mut Watch, crate::clock::EngineTime) -> T) -> T {
        let mut watch = self.tails.watch.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut watch, self.tails.clock.now())
    }

    fn build(&mut self) {
        let SourceConfig { number, spec, marks } = &self.config;
        let started = build(*number, spec, *marks, &self.tails.clock, &self.tails).and_then(|built| {
            let bus = built.pipeline.bus().ok_or("the pipeline has no bus")?;
            let running = Running { built, bus, lamp: None, looping: false };
            let state = if running.built.loops { gst::State::Paused } else { gst::State::Playing };
            self.watch(|watch, now| watch.handle_built(now));
            match running.built.pipeline.set_state(state) {
                Ok(_) => Ok(running),
                Err(_) => {
                    let trouble = first_error(&running.bus, spec);
                    let _asked = running.built.pipeline.set_state(gst::State::Null);
                    Err(trouble.unwrap_or_else(|| "it did not start".to_owned()))
                }
            }
        });
        match started {
            Ok(running) => self.running = Some(running),
            Err(trouble) => self.watch(|watch, now| watch.handle_failure(trouble, now)),
        }
    }

    fn tear_down(&mut self) {
        if let Some(running) = self.running.take() {
            let _asked = running.built.pipeline.set_state(gst::State::Null);
        }
    }

    /// Hears the pipeline for a while; an error is the sentence that says what is wrong.
    fn hear(&mut self) -> Result<(), String> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let mut wait = LOOK;
        while let Some(message) = running.bus.timed_pop(wait) {
            wait = gst::ClockTime::ZERO;
            match message.view() {
                gst::MessageView::Error(error) => return Err(sentence(error, &self.config.spec)),
                gst::MessageView::AsyncDone(_) if running.built.loops && !running.looping => {
                    running.looping = true;
                    // What cannot be sought is played once and opened again.
                    let _sought = begin_again(&running.built.pipeline, gst::SeekFlags::FLUSH);
                    let _asked = running.built.pipeline.set_state(gst::State::Playing);
                }
                gst::MessageView::SegmentDone(_) => {
                    begin_again(&running.built.pipeline, gst::SeekFlags::empty())
                        .map_err(|_| "it could not be played again from its beginning".to_owned())?;
                }
                gst::MessageView::Eos(_) => {
                    if begin_again(&running.built.pipeline, gst::SeekFlags::FLUSH).is_err() {
                        return Err("it has ended; it is opened again".to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Tells mixer and screen what the source is doing, where it changed. Coming back is told with the frame.
    fn show_health(&self, shown: &mut Option<Health>) {
        let number = self.config.number;
        let now = {
            let watch = self.tails.watch.lock().unwrap_or_else(PoisonError::into_inner);
            let now = watch.health().clone();
            if shown.as_ref() == Some(&now) {
                return;
            }
            if !now.is_live() {
                self.tails.mixer.health(number, false);
                (self.tails.on_health)(number, now.clone());
            }
            now
        };
        // Words take their time to be set: a freeze's are ready before it comes.
        let expected = if now.is_live() { Health::Frozen } else { now.clone() };
        self.tails.mixer.set_slate(number, Slate::new(&self.slate_text(&expected)));
        *shown = Some(now);
    }

    fn slate_text(&self, health: &Health) -> SlateText {
        let trouble = match health {
            Health::Starting => "Opening…".to_owned(),
            Health::Live => String::new(),
            Health::Frozen => "No frame arrives".to_owned(),
            Health::Lost { reason } => reason.clone(),
        };
        SlateText { title: format!("{}  {}", self.config.number, self.config.spec.label()), trouble }
    }

    fn light(&mut self) {
        let Some(running) = &mut self.running else { return };
        let lamp = *self.lamp.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(element) = running.built.tally.as_ref().filter(|_| running.lamp != Some(lamp)) {
            element.set_property("tally-program", lamp.programme);
            element.set_property("tally-preview", lamp.preview);
            running.lamp = Some(lamp);
        }
    }
}

fn begin_again(pipeline: &gst::Pipeline, flags: gst::SeekFlags) -> Result<(), gst::glib::BoolError> {
    pipeline.seek(
        1.0,
        flags | gst::SeekFlags::SEGMENT,
        gst::SeekType::Set,
        gst::ClockTime::ZERO,
        gst::SeekType::None,
        gst::ClockTime::NONE,
    )
}

fn first_error(bus: &gst::Bus, spec: &SourceSpec) -> Option<String> {
    match bus.pop_filtered(&[gst::MessageType::Error])?.view() {
        gst::MessageView::Error(error) => Some(sentence(error, spec)),
        _ => None,
    }
}

/// What GStreamer says of a failure, and what to do.
fn sentence(error: &gst::message::Error, spec: &SourceSpec) -> String {
    let said = error.error().message().trim_end_matches('.').to_owned();
    tracing::debug!(%spec, %said, debug = ?error.debug(), "source failed");
    let error = error.error();
    if error.matches(gst::CoreError::MissingPlugin) || error.matches(gst::StreamError::CodecNotFound) {
        return format!("{said}; install gstreamer1.0-libav and gstreamer1.0-plugins-bad");
    }
    if error.matches(gst::StreamError::TypeNotFound) && matches!(spec, SourceSpec::File(_)) {
        return format!("{said}; the file is not one that GStreamer can read");
    }
    if error.matches(gst::ResourceError::Busy) {
        return format!("{said}; close the other program that uses it");
    }
    said
}
