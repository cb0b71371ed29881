//! The switcher's decisions: programme, preview, cut, and which frame goes on air. Pure: frames are moments here.
//!
//! Refuses to wait for a frame that may not come: a cut to a silent source happens with its last picture or its
//! slate. Invariants: air times strictly rise; the lamps change at the frame that changes the picture, never before.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::EngineTime;
use crate::sources::SourceNumber;
use crate::switch::rate::RateCap;

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
}

/// What to do with a frame that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Put it on air, stamped with this time.
    Air(EngineTime),
    /// Keep it as the source's last picture.
    Keep,
}

/// What to do besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// The buses are now thus; said before the frame that shows it.
    Buses(Buses),
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
}

/// There is no source of this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no source {asked}; the sources go from 1 to {last}")]
pub struct NoSuchSource {
    /// What was asked for.
    pub asked: SourceNumber,
    /// The last there is.
    pub last: SourceNumber,
}

#[derive(Debug, Clone, Copy)]
struct Cut {
    to: SourceNumber,
    by: EngineTime,
}

/// The switcher.
#[derive(Debug)]
pub(super) struct Desk {
    live: Vec<bool>,
    has_picture: Vec<bool>,
    on_air: Option<SourceNumber>,
    preview: Option<SourceNumber>,
    cut: Option<Cut>,
    cap: RateCap,
    last_air: Option<EngineTime>,
    slate_due: EngineTime,
    outputs: VecDeque<Output>,
}

impl Desk {
    /// A desk of this many sources (at least one): the first goes on air as soon as it shows a frame, the second
    /// waits on preview.
    pub(super) fn new(sources: usize, now: EngineTime) -> Self {
        let sources = sources.clamp(1, usize::from(SourceNumber::MAX));
        Self {
            live: vec![false; sources],
            has_picture: vec![false; sources],
            on_air: None,
            preview: (sources > 1).then(|| SourceNumber::at(1)),
            cut: Some(Cut { to: SourceNumber::at(0), by: now + FIRST_FRAME_WITHIN }),
            cap: RateCap::default(),
            last_air: None,
            slate_due: now,
            outputs: VecDeque::new(),
        }
    }

    /// What is on the buses; `None` before the first picture.
    pub(super) fn buses(&self) -> Option<Buses> {
        self.on_air.map(|programme| Buses { programme, preview: self.preview })
    }

    /// Puts a source on air at its next frame; what was on air becomes the preview.
    ///
    /// # Errors
    /// When there is no such source.
    pub(super) fn cut(&mut self, to: SourceNumber, now: EngineTime) -> Result<(), NoSuchSource> {
        self.check(to)?;
        if self.on_air == Some(to) {
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
        if self.on_air == Some(source) && self.live[source.index()] && self.cap.admits(now) {
            Verdict::Air(self.air_time(now))
        } else {
            Verdict::Keep
        }
    }

    /// A source came or went. A frame that brings a source back is announced by this first.
    pub(super) fn handle_health(&mut self, source: SourceNumber, live: bool, now: EngineTime) {
        let Some(known) = self.live.get_mut(source.index()) else { return };
        if *known && !live && self.on_air == Some(source) {
            self.slate_due = now;
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
        if let Some(source) = self.on_slate().filter(|_| now >= self.slate_due) {
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
        let slate = self.on_slate().map(|_| (self.slate_due, Reason::Slate));
        [cut, slate].into_iter().flatten().min_by_key(|(at, _)| *at)
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
        match self.on_air.replace(source) {
            Some(before) if before != source => self.preview = Some(before),
            Some(_) | None => {}
        }
        self.outputs.extend(self.buses().map(Output::Buses));
    }

    fn air_time(&mut self, now: EngineTime) -> EngineTime {
        let at = self.last_air.map_or(now, |last| now.max(last + TICK));
        self.last_air = Some(at);
        at
    }
}

#[cfg(test)]
mod tests;
