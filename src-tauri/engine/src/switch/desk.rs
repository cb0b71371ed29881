//! The switcher's decisions: programme, preview, cut, and which frame goes on air. Pure: frames are moments here.
//!
//! Refuses to wait for a frame that may not come: a cut to a silent source happens with its last picture or its
//! slate. Invariants: air times strictly rise; the lamps change at the frame that changes the picture, never before.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::EngineTime;
use crate::sentence::Sentence;
use crate::sources::SourceNumber;
use crate::switch::rate::RateCap;
use crate::switch::transition::{self, Fader, Manner, Part, Transition};

/// A cut waits this long for the incoming source's next frame: two frames at 24 a second and some.
const NEXT_FRAME_WITHIN: Duration = Duration::from_millis(100);
/// At the start sources are still being opened: their first frame is worth this wait before a slate.
const FIRST_FRAME_WITHIN: Duration = Duration::from_secs(1);
/// A slate runs at 30.
const SLATE_PERIOD: Duration = Duration::from_nanos(33_333_333);
/// One tick of the 90 kHz media clock, the least by which two frames on air differ.
const TICK: Duration = Duration::from_nanos(11_112);

/// What is on the buses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buses {
    /// On air.
    pub programme: SourceNumber,
    /// Next.
    pub preview: Option<SourceNumber>,
    /// On air too: a transition brings it in.
    pub incoming: Option<SourceNumber>,
}

/// Two pictures in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blend {
    /// The source that comes.
    pub(super) over: SourceNumber,
    /// The source that goes.
    pub(super) under: SourceNumber,
    /// How they share the picture.
    pub(super) manner: Manner,
    /// How much of it has come.
    pub(super) part: Part,
    /// When it is shown.
    pub(super) at: EngineTime,
}

/// What to do with a frame that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Put it on air, stamped with this time.
    Air(EngineTime),
    /// Put it on air together with the last picture of the other source.
    Blend(Blend),
    /// Keep it as the source's last picture.
    Keep,
}

/// What to do besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// The buses are now thus; said before the frame that shows it.
    Buses(Buses),
    /// A transition begins, or none runs any more; said as the buses are.
    Transition(Option<Transition>),
    /// Put what there is of these two on air.
    Blend(Blend),
    /// Put the last picture of this source on air, stamped with this time.
    LastPicture(SourceNumber, EngineTime),
    /// Put the slate of this source on air, stamped with this time.
    Slate(SourceNumber, EngineTime),
}

/// Why [`Desk::poll_timeout`] asks to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The incoming source may stay silent.
    Cut,
    /// The next picture of a slate.
    Slate,
    /// The incoming source of a transition may stay silent.
    Transition,
}

/// Why a transition does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Sentence::from(*self))]
pub enum NoTransition {
    /// There is nothing to come.
    NothingToCome,
    /// One is enough.
    Running,
    /// Nobody waits for so long.
    TooLong,
}

/// There is no source of this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Sentence::from(*self))]
pub struct NoSuchSource {
    /// What was asked for.
    pub asked: SourceNumber,
    /// The last there is.
    pub last: SourceNumber,
}

impl From<NoTransition> for Sentence {
    fn from(refusal: NoTransition) -> Self {
        match refusal {
            NoTransition::NothingToCome => Self::nothing_to_come(),
            NoTransition::Running => Self::transition_runs(),
            NoTransition::TooLong => Self::transition_too_long(transition::LONGEST.as_secs()),
        }
    }
}

impl From<NoSuchSource> for Sentence {
    fn from(NoSuchSource { asked, last }: NoSuchSource) -> Self {
        Self::no_such_source(asked, last)
    }
}

#[derive(Debug, Clone, Copy)]
struct Cut {
    to: SourceNumber,
    by: EngineTime,
}

/// A transition that was asked for.
#[derive(Debug, Clone, Copy)]
struct Running {
    to: SourceNumber,
    transition: Transition,
    began: EngineTime,
    /// A frame of it was on air.
    shown: bool,
    /// When it goes on without a new frame of the incoming source.
    due: EngineTime,
}

/// The switcher.
#[derive(Debug)]
pub(super) struct Desk {
    live: Vec<bool>,
    has_picture: Vec<bool>,
    on_air: Option<SourceNumber>,
    preview: Option<SourceNumber>,
    cut: Option<Cut>,
    running: Option<Running>,
    black: Fader,
    cap: RateCap,
    last_air: Option<EngineTime>,
    slate_due: EngineTime,
    outputs: VecDeque<Output>,
}

impl Desk {
    /// A desk of this many sources (at least one): `first` goes on air as soon as it shows a frame, the next waits on
    /// preview.
    pub(super) fn new(sources: usize, first: SourceNumber, now: EngineTime) -> Self {
        let sources = sources.clamp(1, usize::from(SourceNumber::MAX));
        let next = (0..sources).map(SourceNumber::at).find(|source| *source != first);
        Self {
            live: vec![false; sources],
            has_picture: vec![false; sources],
            on_air: None,
            preview: next,
            cut: Some(Cut { to: first, by: now + FIRST_FRAME_WITHIN }),
            running: None,
            black: Fader::new(),
            cap: RateCap::default(),
            last_air: None,
            slate_due: now,
            outputs: VecDeque::new(),
        }
    }

    /// What is on the buses; `None` before the first picture.
    pub(super) fn buses(&self) -> Option<Buses> {
        let incoming = self.running.filter(|running| running.shown).map(|running| running.to);
        self.on_air.map(|programme| Buses { programme, preview: self.preview, incoming })
    }

    /// The transition that runs, and how much of it is done.
    pub(super) fn transition(&self, now: EngineTime) -> Option<(Transition, Part)> {
        self.running.map(|running| (running.transition, running.part(now)))
    }

    /// Brings what is on preview on air, at the incoming source's frames.
    ///
    /// # Errors
    /// When there is nothing to come, or another comes already.
    pub(super) fn auto(&mut self, transition: Transition, now: EngineTime) -> Result<(), NoTransition> {
        let Some(to) = self.preview.filter(|preview| self.on_air.is_some_and(|on_air| on_air != *preview))
        else {
            return Err(NoTransition::NothingToCome);
        };
        if self.running.is_some() {
            return Err(NoTransition::Running);
        }
        if transition.duration > transition::LONGEST {
            return Err(NoTransition::TooLong);
        }
        let due = if self.live[to.index()] { now + NEXT_FRAME_WITHIN } else { now };
        self.cut = None;
        self.running = Some(Running { to, transition, began: now, shown: false, due });
        self.handle_timeout(now);
        Ok(())
    }

    /// Puts what is on preview on air at its next frame.
    ///
    /// # Errors
    /// When there is nothing on preview.
    pub(super) fn swap(&mut self, now: EngineTime) -> Result<(), NoTransition> {
        let to =
            self.running.map(|running| running.to).or(self.preview).ok_or(NoTransition::NothingToCome)?;
        self.cut(to, now).map_err(|_| NoTransition::NothingToCome)
    }

    /// Fades the programme to black, or back.
    pub(super) fn fade(&mut self, black: bool, takes: Duration, now: EngineTime) {
        self.black.go(black, takes, now);
    }

    /// How black the programme is.
    pub(super) fn black(&self, now: EngineTime) -> Part {
        self.black.at(now)
    }

    /// Whether frames of the source come.
    pub(super) fn is_live(&self, source: SourceNumber) -> bool {
        self.live.get(source.index()).is_some_and(|live| *live)
    }

    /// Puts a source on air at its next frame; what was on air becomes the preview.
    ///
    /// # Errors
    /// When there is no such source.
    pub(super) fn cut(&mut self, to: SourceNumber, now: EngineTime) -> Result<(), NoSuchSource> {
        self.check(to)?;
        if self.on_air == Some(to) && self.running.is_none() {
            self.cut = None;
            return Ok(());
        }
        let by = if self.live[to.index()] { now + NEXT_FRAME_WITHIN } else { now };
        self.cut = Some(Cut { to, by });
        self.handle_timeout(now);
        Ok(())
    }

    /// Puts a source on preview.
    ///
    /// # Errors
    /// When there is no such source.
    pub(super) fn set_preview(&mut self, source: SourceNumber) -> Result<(), NoSuchSource> {
        self.check(source)?;
        if self.preview != Some(source) {
            self.preview = Some(source);
            self.outputs.extend(self.buses().map(Output::Buses));
        }
        Ok(())
    }

    fn check(&self, source: SourceNumber) -> Result<(), NoSuchSource> {
        if source.index() < self.live.len() {
            Ok(())
        } else {
            Err(NoSuchSource { asked: source, last: SourceNumber::at(self.live.len() - 1) })
        }
    }

    /// A source's frame arrived.
    pub(super) fn handle_frame(&mut self, source: SourceNumber, now: EngineTime) -> Verdict {
        if source.index() >= self.live.len() {
            return Verdict::Keep;
        }
        self.has_picture[source.index()] = true;
        if self.cut.is_some_and(|cut| cut.to == source) {
            self.take(source);
        }
        let live = self.live[source.index()];
        if self.running.is_some_and(|running| running.to == source)
            && live
            && let Some(blend) = self.blend(now, NEXT_FRAME_WITHIN)
        {
            return blend.map_or(Verdict::Keep, Verdict::Blend);
        }
        if self.on_air == Some(source) && self.running.is_none() && live && self.cap.admits(now) {
            Verdict::Air(self.air_time(now))
        } else {
            Verdict::Keep
        }
    }

    /// A frame of the transition, unless the rate does not admit it; `None`: it is over with this frame. The next is
    /// waited for so long.
    fn blend(&mut self, now: EngineTime, next_within: Duration) -> Option<Option<Blend>> {
        let (mut running, under) = (self.running?, self.on_air?);
        let part = running.part(now);
        if part == Part::WHOLE {
            self.take(running.to);
            return None;
        }
        let first = !std::mem::replace(&mut running.shown, true);
        running.due = now + next_within;
        self.running = Some(running);
        if first {
            self.cap.restart();
            self.outputs.push_back(Output::Transition(Some(running.transition)));
            self.outputs.extend(self.buses().map(Output::Buses));
        }
        let manner = running.transition.manner;
        let admitted = self.cap.admits(now);
        Some(admitted.then(|| Blend { over: running.to, under, manner, part, at: self.air_time(now) }))
    }

    /// A source came or went. A frame that brings a source back is announced by this first.
    pub(super) fn handle_health(&mut self, source: SourceNumber, live: bool, now: EngineTime) {
        let Some(known) = self.live.get_mut(source.index()) else { return };
        if *known && !live && self.on_air == Some(source) {
            self.slate_due = now;
        }
        if let Some(running) = self.running.as_mut().filter(|running| running.to == source && !live) {
            running.due = now;
        }
        *known = live;
        self.handle_timeout(now);
    }

    /// Time has passed.
    pub(super) fn handle_timeout(&mut self, now: EngineTime) {
        if let Some(cut) = self.cut.filter(|cut| now >= cut.by) {
            self.take(cut.to);
            if self.live[cut.to.index()] && self.has_picture[cut.to.index()] {
                let at = self.air_time(now);
                self.outputs.push_back(Output::LastPicture(cut.to, at));
            } else {
                self.slate_due = now;
            }
        }
        if let Some(running) = self.running.filter(|running| now >= running.due) {
            match self.blend(now, SLATE_PERIOD) {
                Some(blend) => self.outputs.extend(blend.map(Output::Blend)),
                None if self.is_live(running.to) && self.has_picture[running.to.index()] => {
                    let at = self.air_time(now);
                    self.outputs.push_back(Output::LastPicture(running.to, at));
                }
                None => self.slate_due = now,
            }
        }
        let slate = self.on_slate().filter(|_| self.running.is_none());
        if let Some(source) = slate.filter(|_| now >= self.slate_due) {
            self.slate_due = (self.slate_due + SLATE_PERIOD).max(now);
            if self.cap.admits(now) {
                let at = self.air_time(now);
                self.outputs.push_back(Output::Slate(source, at));
            }
        }
    }

    /// When to be woken, and why.
    pub(super) fn poll_timeout(&self) -> Option<(EngineTime, Reason)> {
        let cut = self.cut.map(|cut| (cut.by, Reason::Cut));
        let running = self.running.map(|running| (running.due, Reason::Transition));
        let slate = self.on_slate().filter(|_| self.running.is_none());
        let slate = slate.map(|_| (self.slate_due, Reason::Slate));
        [cut, running, slate].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// What to do besides; drain to `None` after each mutation, before acting on a [`Verdict`].
    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The source whose slate is on air.
    pub(super) fn on_slate(&self) -> Option<SourceNumber> {
        self.on_air.filter(|source| !self.live[source.index()])
    }

    fn take(&mut self, source: SourceNumber) {
        self.cut = None;
        self.cap.restart();
        let ended = self.running.take();
        // What was put on preview while a transition ran stays there.
        let changed = ended.is_some_and(|running| self.preview != Some(running.to));
        match self.on_air.replace(source) {
            Some(before) if before != source && !changed => self.preview = Some(before),
            Some(_) | None => {}
        }
        if ended.is_some_and(|running| running.shown) {
            self.outputs.push_back(Output::Transition(None));
        }
        self.outputs.extend(self.buses().map(Output::Buses));
    }

    fn air_time(&mut self, now: EngineTime) -> EngineTime {
        let at = self.last_air.map_or(now, |last| now.max(last + TICK));
        self.last_air = Some(at);
        at
    }
}

impl Running {
    fn part(&self, now: EngineTime) -> Part {
        Part::of(now.saturating_sub(self.began), self.transition.duration)
    }
}

#[cfg(test)]
mod tests;
