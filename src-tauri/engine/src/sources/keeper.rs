//! Keeps one source running: starts a pipeline, watches its frames, and replaces it, as [`super::health::Watch`] says.
//!
//! Refuses to call anything that may hang: pipelines live in [`super::runner::Runner`]s. Invariant: however a pipeline
//! fails or hangs, this thread sees the freeze in time and says so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::health::{Health, Repair, Watch};
use super::lamp::{LampEcho, TallyLamp};
use super::runner::Runner;
use super::tail::Tails;
use super::{Marks, SourceNumber, SourceSpec};
use crate::clock::{EngineClock, EngineTime};
use crate::picture::slate::{Slate, SlateText};
use crate::sentence::Sentence;
use crate::switch::Mixer;

/// How often a source is looked at: the slate is due 1 s after the last frame, and is asked for at 700 ms.
const LOOK: Duration = Duration::from_millis(40);
/// How many pipelines that hang may be left behind before no other is built.
const MOST_HANGING: usize = 2;
/// How long the last pipelines may take to end when the source ends.
const END_WITHIN: Duration = Duration::from_secs(2);

/// Hears of every change of a source's health. Must only pass the word on.
pub type OnHealth = Arc<dyn Fn(SourceNumber, Health) + Send + Sync>;

/// Hears what the source says of its lamp; nothing: it is dark. Must only pass the word on.
pub type OnLamp = Arc<dyn Fn(SourceNumber, Option<LampEcho>) + Send + Sync>;

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
        on_lamp: OnLamp,
    ) -> std::io::Result<Self> {
        let watch = Arc::new(Mutex::new(Watch::new(clock.now())));
        let alive = Arc::new(AtomicBool::new(false));
        let tails = Tails { number: config.number, clock, mixer, watch, on_health, on_lamp, alive };
        let ended = Arc::new(AtomicBool::new(false));
        let lamp = Arc::new(Mutex::new(TallyLamp::default()));
        let keeper = Keeper { config, tails, lamp: Arc::clone(&lamp), running: None, leaving: Vec::new() };
        let name = format!("keeper {}", keeper.config.number);
        let ending = Arc::clone(&ended);
        let thread = std::thread::Builder::new().name(name).spawn(move || keeper.keep(&ending))?;
        Ok(Self { ended, lamp, thread: Some(thread) })
    }

    /// Lights the lamp on the source itself, where it has one.
    pub fn set_lamp(&self, lamp: TallyLamp) {
        *self.lamp.lock().unwrap_or_else(PoisonError::into_inner) = lamp;
    }

    /// Asks it to end; dropping it waits until it did.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.end();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("a source's keeper panicked");
        }
    }
}

struct Keeper {
    config: SourceConfig,
    tails: Tails,
    lamp: Arc<Mutex<TallyLamp>>,
    running: Option<Runner>,
    /// Dismissed and not gone yet.
    leaving: Vec<Runner>,
}

impl Keeper {
    fn keep(mut self, ended: &AtomicBool) {
        let mut shown = None;
        while !ended.load(Ordering::Relaxed) {
            if let Some(trouble) = self.running.as_ref().and_then(Runner::failure) {
                self.dismiss();
                self.watch(|watch, now| watch.handle_failure(trouble, now));
            }
            match self.watch(Watch::handle_timeout) {
                Repair::Build => self.build(),
                Repair::TearDown => self.dismiss(),
                Repair::None => {}
            }
            self.show_health(&mut shown);
            std::thread::park_timeout(LOOK);
        }
        self.end();
    }

    fn watch<T>(&self, change: impl FnOnce(&mut Watch, EngineTime) -> T) -> T {
        let mut watch = self.tails.watch.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut watch, self.tails.clock.now())
    }

    fn build(&mut self) {
        self.leaving.retain(|runner| !runner.is_gone());
        if self.leaving.len() >= MOST_HANGING {
            return self.watch(|watch, now| watch.handle_failure(Sentence::source_hangs(), now));
        }
        self.watch(Watch::handle_built);
        match Runner::start(self.config.clone(), self.tails.clone(), Arc::clone(&self.lamp)) {
            Ok(runner) => self.running = Some(runner),
            Err(error) => {
                let trouble = Sentence::no_threads(error);
                self.watch(|watch, now| watch.handle_failure(trouble, now));
            }
        }
    }

    fn dismiss(&mut self) {
        if let Some(runner) = self.running.take() {
            runner.dismiss();
            self.leaving.push(runner);
        }
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
            Health::Lost { reason } => reason.to_string(),
        };
        SlateText { title: format!("{}  {}", self.config.number, self.config.spec.label()), trouble }
    }

    fn end(&mut self) {
        self.dismiss();
        let deadline = Instant::now() + END_WITHIN;
        while !self.leaving.iter().all(Runner::is_gone) && Instant::now() < deadline {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        if !self.leaving.iter().all(Runner::is_gone) {
            tracing::warn!(source = %self.config.number, "a source hangs; it is left behind");
        }
    }
}
