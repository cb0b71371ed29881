//! Carries frames from the sources to the encoder as [`super::desk::Desk`] decides, and the sound beside them.
//!
//! Refuses to decide, to wait for an encoder, or to touch a pixel that it need not. Invariant: what reaches the feed does
//! so under one lock, so its order is the order of its times.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::audio::AudioFrame;
use super::desk::{Blend, Buses, Desk, NoSuchSource, NoTransition, Output, Verdict};
use super::meter::{Beat, Meter};
use super::sound::{Sound, SoundSettings};
use super::transition::{Part, Transition};
use crate::clock::{EngineClock, EngineTime, wall_us};
use crate::figures::{Figures, Progress, SourceFigures};
use crate::picture::blend;
use crate::picture::key::Key;
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

/// Whether a frame of the programme shows another source than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shot {
    /// The first of a cut or a transition: whoever thins frames out must not take this one.
    Begins,
    /// One more.
    GoesOn,
}

/// Where the programme goes: the encoder. Must not wait.
pub trait Feed: Send {
    /// A frame of the programme, to be shown at `at`.
    fn picture(&mut self, picture: &Picture, at: EngineTime, shot: Shot);
    /// 20 ms of the programme's sound.
    fn sound(&mut self, frame: AudioFrame);
}

/// Hears of every change of buses and transition, at the frame that shows it, and of the buses when that was. Called under
/// the mixer's lock: must only pass the word on.
pub(crate) struct OnDesk {
    pub(crate) buses: Box<dyn Fn(Buses, EngineTime) + Send>,
    pub(crate) transition: Box<dyn Fn(Option<Transition>) + Send>,
}

/// What there is to see: the programme, and each source as it would be on air.
pub(crate) struct Views {
    pub(crate) programme: Option<gst::Buffer>,
    pub(crate) preview: Option<gst::Buffer>,
    /// In the order of their numbers.
    pub(crate) sources: Vec<gst::Buffer>,
}

struct Slot {
    slate: Arc<Slate>,
    last: Option<Picture>,
    /// How much later than its timestamp the source's picture goes on air; its sound follows.
    picture_delay: Duration,
    beat: Beat,
    meter: Meter,
}

struct State {
    desk: Desk,
    sound: Sound,
    slots: Vec<Slot>,
    /// Lies over the programme while it is on.
    key: Option<Arc<Key>>,
    key_on: bool,
    /// The newest picture of the programme, as it left.
    aired: Option<gst::Buffer>,
    /// Whom it showed.
    shown: Option<(SourceNumber, Option<SourceNumber>)>,
    /// Hears that a shot begins, once its picture is what is aired. Called under the lock: must only pass the word on.
    on_shot: Option<Box<dyn Fn() + Send>>,
    feed: Box<dyn Feed>,
    on: OnDesk,
    slate_frames: u64,
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
    /// A mixer of as many sources as there are slates, each shown until its source is there; `first` is on air first.
    pub(crate) fn new(
        clock: EngineClock,
        slates: Vec<Slate>,
        first: SourceNumber,
        feed: Box<dyn Feed>,
        on: OnDesk,
    ) -> Arc<Self> {
        let now = clock.now();
        let slot = |slate| Slot {
            slate: Arc::new(slate),
            last: None,
            picture_delay: Duration::ZERO,
            beat: Beat::default(),
            meter: Meter::default(),
        };
        let slots: Vec<Slot> = slates.into_iter().map(slot).collect();
        let state = State {
            desk: Desk::new(slots.len(), first, now),
            sound: Sound::new(now),
            slots,
            key: None,
            key_on: false,
            aired: None,
            shown: None,
            on_shot: None,
            feed,
            on,
            slate_frames: 0,
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

    /// Puts what is on preview on air at its next frame.
    ///
    /// # Errors
    /// When there is nothing on preview.
    pub fn swap(&self) -> Result<(), NoTransition> {
        self.change(|state, now| state.desk.swap(now))
    }

    /// Brings what is on preview on air in a manner.
    ///
    /// # Errors
    /// When there is nothing to come, or another comes already.
    pub fn auto(&self, transition: Transition) -> Result<(), NoTransition> {
        self.change(|state, now| state.desk.auto(transition, now))
    }

    /// Fades the programme to black, or back.
    pub fn black(&self, black: bool, takes: Duration) {
        self.change(|state, now| state.desk.fade(black, takes, now));
    }

    /// What lies over the programme while the key is on.
    pub fn set_key(&self, key: Option<Arc<Key>>) {
        self.lock().key = key;
    }

    /// Whether the key lies over the programme.
    pub fn key(&self, on: bool) {
        self.lock().key_on = on;
    }

    /// By what the sound is made.
    pub fn hear_by(&self, settings: SoundSettings) {
        self.change(|state, _| state.sound.hear_by(settings, state.desk.buses()));
    }

    /// A source came or went.
    pub fn health(&self, source: SourceNumber, live: bool) {
        self.change(|state, now| {
            if let Some(slot) = state.slots.get_mut(source.index()).filter(|_| !live) {
                slot.beat.restart();
            }
            state.desk.handle_health(source, live, now);
        });
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
        state.act(now);
        let Some(slot) = state.slots.get_mut(source.index()) else { return };
        if let Some(stamped) = stamped {
            let delay = now.saturating_sub(stamped).min(MAX_PICTURE_DELAY);
            slot.picture_delay = (slot.picture_delay * 15 + delay) / 16;
        }
        slot.beat.handle_frame(now);
        slot.last = Some(picture.clone());
        match verdict {
            Verdict::Air(at) => state.air(picture, at),
            Verdict::Blend(blend) => state.blend(blend, Some(picture)),
            Verdict::Keep => {}
        }
        drop(guard);
        self.wake.notify_all();
    }

    /// A source's sound, whose first sample is stamped `stamped`; heard where it is on air.
    pub fn sound(&self, source: SourceNumber, stamped: Option<EngineTime>, samples: &[f32], now: EngineTime) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let Some(slot) = state.slots.get_mut(source.index()) else { return };
        slot.meter.handle_samples(samples, now);
        if state.desk.is_live(source) {
            let at = stamped.unwrap_or(now) + slot.picture_delay;
            state.sound.handle_samples(source, at, samples, now);
            state.speak(now);
        }
    }

    /// Who paints what is aired hears of it where a shot begins.
    pub(crate) fn on_shot(&self, hear: Box<dyn Fn() + Send>) {
        self.lock().on_shot = Some(hear);
    }

    /// What changes with each frame, as it is now.
    pub fn figures(&self) -> Figures {
        let state = self.lock();
        let now = self.clock.now();
        let of = |(place, slot): (usize, &Slot)| SourceFigures {
            source: SourceNumber::at(place),
            frames_per_second: slot.beat.frames_per_second(now),
            drop_outs: slot.beat.drop_outs(),
            level: slot.meter.level(now),
        };
        let progress = |(transition, part): (Transition, Part)| Progress {
            manner: transition.manner,
            per_mille: part.per_mille(),
        };
        Figures {
            programme: state.sound.level(now),
            sources: state.slots.iter().enumerate().map(of).collect(),
            transition: state.desk.transition(now).map(progress),
            black_per_mille: state.desk.black(now).per_mille(),
        }
    }

    /// What there is to see now, of at most so many sources.
    pub(crate) fn views(&self, most: usize) -> Views {
        let mut guard = self.lock();
        let state = &mut *guard;
        let preview = state.desk.buses().and_then(|buses| buses.preview);
        let preview = preview.and_then(|preview| state.newest(preview)).map(|picture| picture.buffer);
        let places = (0..state.slots.len().min(most)).map(SourceNumber::at);
        let sources =
            places.filter_map(|source| state.newest(source)).map(|picture| picture.buffer).collect();
        Views { programme: state.aired.clone(), preview, sources }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State, EngineTime) -> T) -> T {
        let mut state = self.lock();
        let now = self.clock.now();
        let result = change(&mut state, now);
        state.act(now);
        drop(state);
        self.wake.notify_all();
        result
    }

    fn keep_time(&self) {
        let mut state = self.lock();
        while !state.ended {
            let now = self.clock.now();
            state.desk.handle_timeout(now);
            state.act(now);
            state.speak(now);
            let sound_due = state.sound.poll_timeout();
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
    fn act(&mut self, now: EngineTime) {
        while let Some(output) = self.desk.poll_output() {
            match output {
                Output::Buses(buses) => {
                    self.sound.follow(buses);
                    (self.on.buses)(buses, now);
                }
                Output::Transition(running) => (self.on.transition)(running),
                Output::Blend(blend) => self.blend(blend, None),
                Output::LastPicture(source, at) | Output::Slate(source, at) => {
                    if let Some(picture) = self.newest(source) {
                        self.air(picture, at);
                    }
                }
            }
        }
    }

    /// What there is of a source: its last picture while it is live, else its slate. It is shown again now: its age is
    /// the source's silence, not ours to measure.
    fn newest(&mut self, source: SourceNumber) -> Option<Picture> {
        let slot = self.slots.get(source.index())?;
        let buffer = match slot.last.as_ref().filter(|_| self.desk.is_live(source)) {
            Some(last) => last.buffer.clone(),
            None => {
                self.slate_frames += 1;
                gst::Buffer::from_mut_slice(slot.slate.frame(self.slate_frames))
            }
        };
        Some(Picture { buffer, captured_us: wall_us() })
    }

    /// Puts a picture on air, with what lies over it.
    fn air(&mut self, picture: Picture, at: EngineTime) {
        let black = self.desk.black(at);
        let key = self.key.clone().filter(|_| self.key_on);
        let finished = match (key, black) {
            // Nothing is mixed, nothing is touched.
            (None, Part::NONE) => picture,
            (key, black) => picture.changed(|bytes| {
                if let Some(key) = key {
                    key.lay(bytes);
                }
                blend::darken(bytes, black);
            }),
        };
        let shows = self.desk.buses().map(|buses| (buses.programme, buses.incoming));
        let shot =
            if std::mem::replace(&mut self.shown, shows) == shows { Shot::GoesOn } else { Shot::Begins };
        self.feed.picture(&finished, at, shot);
        self.aired = Some(finished.buffer);
        if let Some(on_shot) = self.on_shot.as_ref().filter(|_| shot == Shot::Begins) {
            on_shot();
        }
    }

    /// Puts two on air; `fresh` is the new frame of the one that comes.
    fn blend(&mut self, blend: Blend, fresh: Option<Picture>) {
        let under = self.newest(blend.under);
        let Some(over) = fresh.or_else(|| self.newest(blend.over)) else { return };
        let both = under.and_then(|under| {
            let (under, over) = (under.buffer.map_readable().ok()?, over.buffer.map_readable().ok()?);
            Some(blend::blend(&under, &over, blend.manner, blend.part))
        });
        let picture = match both {
            Some(bytes) => {
                Picture { buffer: gst::Buffer::from_mut_slice(bytes), captured_us: over.captured_us }
            }
            None => over,
        };
        self.air(picture, blend.at);
    }

    fn speak(&mut self, now: EngineTime) {
        let comes = self.desk.transition(now).map_or(Part::NONE, |(_, part)| part);
        while let Some(frame) = self.sound.poll_frame(now, comes, self.desk.black(now)) {
            self.feed.sound(frame);
        }
    }
}

impl Picture {
    /// A changed copy.
    fn changed(self, change: impl FnOnce(&mut [u8])) -> Self {
        let Ok(map) = self.buffer.map_readable() else { return self };
        let mut bytes = map.to_vec();
        drop(map);
        change(&mut bytes);
        Self { buffer: gst::Buffer::from_mut_slice(bytes), captured_us: self.captured_us }
    }
}
