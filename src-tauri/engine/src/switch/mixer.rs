//! Carries frames from the sources to the encoder as [`super::desk::Desk`] decides, and the sound beside them.
//!
//! Refuses to decide, to wait for an encoder, or to touch a pixel. Invariant: what reaches the feed does so under
//! one lock, so its order is the order of its times.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::audio::{AudioFrame, AudioLine};
use super::desk::{Buses, Desk, NoSuchSource, Output, Verdict};
use crate::clock::{EngineClock, EngineTime, wall_us};
use crate::picture::slate::Slate;
use crate::sources::SourceNumber;

/// A source's frame.
#[derive(Debug, Clone)]
pub struct Picture {
    /// I420 640x360.
    pub buffer: gst::Buffer,
    /// Wall time (µs since 1970) when it arrived from its source.
    pub captured_us: u64,
}

/// Where the programme goes: the encoder. Must not wait.
pub trait Feed: Send {
    /// A frame of the programme, to be shown at `at`.
    fn picture(&mut self, picture: &Picture, at: EngineTime);
    /// 20 ms of the programme's sound.
    fn sound(&mut self, frame: AudioFrame);
}

/// Hears of every change on the buses, at the frame that shows it. Called under the mixer's lock: must only pass
/// the word on.
pub(crate) type OnBuses = Box<dyn Fn(Buses) + Send>;

struct Slot {
    slate: Arc<Slate>,
    last: Option<Picture>,
    /// How much later than its timestamp the source's picture goes on air; its sound follows.
    picture_delay: Duration,
}

struct State {
    desk: Desk,
    line: AudioLine,
    slots: Vec<Slot>,
    feed: Box<dyn Feed>,
    on_buses: OnBuses,
    slate_frames: u64,
    heard_from: Option<SourceNumber>,
    ended: bool,
}

/// The switcher's shell; shared by the sources' threads.
pub struct Mixer {
    clock: EngineClock,
    state: Mutex<State>,
    wake: Condvar,
}

/// Sound follows its picture by at most this, whatever a source's timestamps say.
const MAX_PICTURE_DELAY: Duration = Duration::from_millis(300);

impl Mixer {
    /// A mixer of as many sources as there are slates, each shown until its source is there.
    pub fn new(clock: EngineClock, slates: Vec<Slate>, feed: Box<dyn Feed>, on_buses: OnBuses) -> Arc<Self> {
        let now = clock.now();
        let slots: Vec<Slot> = slates
            .into_iter()
            .map(|slate| Slot { slate: Arc::new(slate), last: None, picture_delay: Duration::ZERO })
            .collect();
        let state = State {
            desk: Desk::new(slots.len(), now),
            line: AudioLine::new(now),
            slots,
            feed,
            on_buses,
            slate_frames: 0,
            heard_from: None,
            ended: false,
        };
        Arc::new(Self { clock, state: Mutex::new(state), wake: Condvar::new() })
    }

    /// Runs the mixer's own thread: slates, cuts to silent sources, and silence. Ends with [`Self::end`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn run(self: &Arc<Self>) -> std::io::Result<JoinHandle<()>> {
        let mixer = Arc::clone(self);
        std::thread::Builder::new().name("mixer".into()).spawn(move || mixer.keep_time())
    }

    /// Ends the mixer's thread.
    pub fn end(&self) {
        self.lock().ended = true;
        self.wake.notify_all();
    }

    /// Puts a source on air at its next frame.
    ///
    /// # Errors
    /// When there is no such source.
    pub fn cut(&self, to: SourceNumber) -> Result<(), NoSuchSource> {
        self.change(|state, now| state.desk.cut(to, now))
    }

    /// Puts a source on preview.
    ///
    /// # Errors
    /// When there is no such source.
    pub fn set_preview(&self, source: SourceNumber) -> Result<(), NoSuchSource> {
        self.change(|state, _| state.desk.set_preview(source))
    }

    /// A source came or went.
    pub fn health(&self, source: SourceNumber, live: bool) {
        self.change(|state, now| state.desk.handle_health(source, live, now));
    }

    /// What is shown of a source from now on while it is not there.
    pub fn set_slate(&self, source: SourceNumber, slate: Slate) {
        if let Some(slot) = self.lock().slots.get_mut(source.index()) {
            slot.slate = Arc::new(slate);
        }
    }

    /// A source's frame arrived at `now`, stamped by its pipeline as of `stamped`.
    pub fn picture(
        &self,
        source: SourceNumber,
        picture: Picture,
        stamped: Option<EngineTime>,
        now: EngineTime,
    ) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let verdict = state.desk.handle_frame(source, now);
        state.act();
        let Some(slot) = state.slots.get_mut(source.index()) else { return };
        if let Some(stamped) = stamped {
            let delay = now.saturating_sub(stamped).min(MAX_PICTURE_DELAY);
            slot.picture_delay = (slot.picture_delay * 15 + delay) / 16;
        }
        match verdict {
            Verdict::Air(at) => state.feed.picture(&picture, at),
            Verdict::Keep => {}
        }
        slot.last = Some(picture);
        drop(guard);
        self.wake.notify_all();
    }

    /// A source's sound, whose first sample is stamped `stamped`; passed over unless the source is on air.
    pub fn sound(&self, source: SourceNumber, stamped: Option<EngineTime>, samples: &[f32], now: EngineTime) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let on_air = state.desk.buses().is_some_and(|buses| buses.programme == source);
        if let Some(slot) =
            state.slots.get(source.index()).filter(|_| on_air && state.desk.on_slate().is_none())
        {
            let at = stamped.unwrap_or(now) + slot.picture_delay;
            state.line.handle_samples(at, samples, now);
            state.speak(now);
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State, EngineTime) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state, self.clock.now());
        state.act();
        drop(state);
        self.wake.notify_all();
        result
    }

    fn keep_time(&self) {
        let mut state = self.lock();
        while !state.ended {
            let now = self.clock.now();
            state.desk.handle_timeout(now);
            state.act();
            state.speak(now);
            let sound_due = state.line.poll_timeout();
            let due = state.desk.poll_timeout().map_or(sound_due, |(at, _)| at.min(sound_due));
            let wait = due.saturating_sub(self.clock.now());
            state = self.wake.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Does what the desk says.
    fn act(&mut self) {
        while let Some(output) = self.desk.poll_output() {
            match output {
                Output::Buses(buses) => {
                    if self.heard_from != Some(buses.programme) {
                        self.heard_from = Some(buses.programme);
                        self.line.cut();
                    }
                    (self.on_buses)(buses);
                }
                Output::LastPicture(source, at) => {
                    if let Some(last) = self.slots.get(source.index()).and_then(|slot| slot.last.as_ref()) {
                        // It is shown again now: its age is the source's silence, not ours to measure.
                        let again = Picture { buffer: last.buffer.clone(), captured_us: wall_us() };
                        self.feed.picture(&again, at);
                    }
                }
                Output::Slate(source, at) => {
                    self.slate_frames += 1;
                    if let Some(slot) = self.slots.get(source.index()) {
                        let buffer = gst::Buffer::from_mut_slice(slot.slate.frame(self.slate_frames));
                        self.feed.picture(&Picture { buffer, captured_us: wall_us() }, at);
                    }
                }
            }
        }
    }

    fn speak(&mut self, now: EngineTime) {
        while let Some(frame) = self.line.poll_frame(now) {
            self.feed.sound(frame);
        }
    }
}
