//! One pipeline of one source, on its own thread, from building to its end.
//!
//! GStreamer calls may hang in a driver, a demuxer or a network file system; they hang here, where nobody waits. A
//! runner that was dismissed is deaf and mute whatever its pipeline still does. Invariant: only the runner's thread
//! touches its pipeline.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use gst::prelude::*;

use super::keeper::SourceConfig;
use super::lamp::{Echo, TallyLamp};
use super::tail::Tails;
use super::{Built, SourceSpec, build, ndi};
use crate::sentence::Sentence;

/// How often a runner looks at what it is told.
const LOOK: gst::ClockTime = gst::ClockTime::from_mseconds(40);

/// Handle of a running pipeline.
pub(super) struct Runner {
    alive: Arc<AtomicBool>,
    failure: Arc<Mutex<Option<Sentence>>>,
    thread: JoinHandle<()>,
}

impl Runner {
    /// Starts building and running; returns at once.
    pub(super) fn start(
        config: SourceConfig,
        mut tails: Tails,
        lamp: Arc<Mutex<TallyLamp>>,
    ) -> std::io::Result<Self> {
        let alive = Arc::new(AtomicBool::new(true));
        let failure = Arc::new(Mutex::new(None));
        tails.alive = Arc::clone(&alive);
        let name = format!("source {}", config.number);
        let told = Arc::clone(&failure);
        let work = Work { config, tails, lamp, lit: None, echo: Echo::default() };
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            if let Err(trouble) = work.run() {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
            }
        })?;
        Ok(Self { alive, failure, thread })
    }

    /// Why it ended, if it did.
    pub(super) fn failure(&self) -> Option<Sentence> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Nothing that it does counts any more; it ends as soon as it can.
    pub(super) fn dismiss(&self) {
        self.alive.store(false, Ordering::Relaxed);
    }

    /// Whether its pipeline is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.thread.is_finished()
    }
}

struct Work {
    config: SourceConfig,
    tails: Tails,
    lamp: Arc<Mutex<TallyLamp>>,
    lit: Option<TallyLamp>,
    echo: Echo,
}

/// Takes its pipeline down, however the thread ends.
struct Playing(Built);

impl Drop for Playing {
    fn drop(&mut self) {
        if let Err(error) = self.0.pipeline.set_state(gst::State::Null) {
            tracing::warn!(%error, "a source did not stop cleanly");
        }
    }
}

impl Work {
    /// Runs until dismissed; an error is the sentence that says what is wrong.
    fn run(mut self) -> Result<(), Sentence> {
        let SourceConfig { number, spec, marks } = &self.config;
        let built = build(*number, spec, *marks, &self.tails.clock, &self.tails)?;
        if built.heals_itself && self.is_alive() {
            self.tails.watch.lock().unwrap_or_else(PoisonError::into_inner).handle_self_healing();
        }
        let playing = Playing(built);
        let Built { pipeline, loops, tally, .. } = &playing.0;
        let bus = pipeline.bus().ok_or("the pipeline has no bus")?;
        let state = if *loops { gst::State::Paused } else { gst::State::Playing };
        if pipeline.set_state(state).is_err() {
            let trouble = first_error(&bus, spec);
            return Err(trouble.unwrap_or_else(Sentence::source_not_started));
        }
        let mut begun = !loops;
        while self.is_alive() {
            if let Some(message) = bus.timed_pop(LOOK) {
                match message.view() {
                    gst::MessageView::Error(error) => return Err(sentence(error, &self.config.spec)),
                    gst::MessageView::AsyncDone(_) if !begun => {
                        begun = true;
                        // What cannot be sought is played once and opened again.
                        let _sought = begin_again(pipeline, gst::SeekFlags::FLUSH);
                        pipeline
                            .set_state(gst::State::Playing)
                            .map_err(|_| Sentence::source_does_not_play())?;
                    }
                    gst::MessageView::SegmentDone(_) => begin_again(pipeline, gst::SeekFlags::empty())
                        .map_err(|_| Sentence::source_not_again())?,
                    gst::MessageView::Eos(_) => return Err(Sentence::source_ended()),
                    _ => {}
                }
            }
            self.light(tally.as_ref());
            if let Some(reason) = tally.as_ref().and_then(ndi::absence).filter(|_| self.is_alive()) {
                self.tails.watch.lock().unwrap_or_else(PoisonError::into_inner).handle_absence(reason);
            }
        }
        Ok(())
    }

    fn is_alive(&self) -> bool {
        self.tails.alive.load(Ordering::Relaxed)
    }

    fn light(&mut self, element: Option<&gst::Element>) {
        let lamp = *self.lamp.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(element) = element.filter(|_| self.lit != Some(lamp)) {
            element.set_property("tally-program", lamp.programme);
            element.set_property("tally-preview", lamp.preview);
            self.lit = Some(lamp);
        }
        let shows = element.map(ndi::shows);
        if let Some(echo) = shows.and_then(|shows| self.echo.look(lamp, shows, self.tails.clock.now()))
            && self.is_alive()
        {
            (self.tails.on_lamp)(self.config.number, echo);
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

fn first_error(bus: &gst::Bus, spec: &SourceSpec) -> Option<Sentence> {
    match bus.pop_filtered(&[gst::MessageType::Error])?.view() {
        gst::MessageView::Error(error) => Some(sentence(error, spec)),
        _ => None,
    }
}

/// What GStreamer says of a failure, and what to do.
fn sentence(error: &gst::message::Error, spec: &SourceSpec) -> Sentence {
    let said = error.error().message().trim_end_matches('.').to_owned();
    tracing::debug!(%spec, %said, debug = ?error.debug(), "source failed");
    let error = error.error();
    if error.matches(gst::CoreError::MissingPlugin) || error.matches(gst::StreamError::CodecNotFound) {
        return Sentence::plugin_missing(said);
    }
    if error.matches(gst::StreamError::TypeNotFound) && matches!(spec, SourceSpec::File(_)) {
        return Sentence::file_of_no_kind(said);
    }
    if error.matches(gst::ResourceError::Busy) {
        return Sentence::device_busy(said);
    }
    said.into()
}
