//! Packets from the next one to be handed up to the last one known of: there, missing, or given up.
//!
//! Pure order: it knows no keys and no round trip. At most [`WINDOW`] places, taken only behind a gap.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::packet::loss::Range;
use crate::seq::Seq;

/// Places, at most: 1 s of 20 Mbit/s, and a bound for who sends nonsense.
pub(crate) const WINDOW: u32 = 2048;

/// Where a packet belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the window, and not there yet.
    Free,
    /// In the window, and there.
    Taken,
    /// Before the window.
    Passed,
    /// Behind the window.
    Beyond,
}

/// What a packet brought.
#[derive(Debug)]
pub(super) enum Content {
    Message {
        bytes: Bytes,
        arrived: Instant,
    },
    /// It came, but cannot be read.
    Spoiled,
}

/// What leaves the window at its front.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Popped {
    Message { bytes: Bytes, arrived: Instant },
    Lost(u64),
}

/// What filling a place showed.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// Packets before it that are now known to be missing.
    pub(super) found_missing: u32,
    /// How long it had been missing.
    pub(super) late: Option<Duration>,
}

#[derive(Debug)]
enum Slot {
    Missing { found: Instant, ask_at: Instant, asks: u8 },
    There(Content),
    GivenUp,
}

/// The window.
pub(super) struct Window {
    next: Seq,
    slots: VecDeque<Slot>,
    missing: usize,
    /// Not after any missing packet's `ask_at`.
    next_ask: Option<Instant>,
    /// A packet behind the window: one may be noise, two that agree are where the sender is now.
    stray: Option<Seq>,
    jump_to: Option<Seq>,
}

impl Window {
    pub(super) fn new(first: Seq) -> Self {
        Self { next: first, slots: VecDeque::new(), missing: 0, next_ask: None, stray: None, jump_to: None }
    }

    /// The first packet that was neither handed up nor given up.
    pub(super) fn next(&self) -> Seq {
        self.next
    }

    /// Places left.
    pub(super) fn room(&self) -> u32 {
        WINDOW.saturating_sub(self.slots.len() as u32)
    }

    /// Packets that wait behind a gap.
    pub(super) fn held(&self) -> usize {
        self.slots.len() - self.missing
    }

    /// Since when the first packet has been missing.
    pub(super) fn gap_since(&self) -> Option<Instant> {
        match self.slots.front()? {
            Slot::Missing { found, .. } => Some(*found),
            Slot::There(_) | Slot::GivenUp => None,
        }
    }

    /// When a missing packet is to be asked for.
    pub(super) fn next_ask(&self) -> Option<Instant> {
        self.next_ask
    }

    pub(super) fn place(&self, seq: Seq) -> Place {
        match seq.after(self.next) {
            None => Place::Passed,
            Some(offset) if offset >= WINDOW => Place::Beyond,
            Some(offset) => match self.slots.get(offset as usize) {
                None | Some(Slot::Missing { .. }) => Place::Free,
                Some(Slot::There(_) | Slot::GivenUp) => Place::Taken,
            },
        }
    }

    /// Fills a [`Place::Free`].
    pub(super) fn fill(&mut self, seq: Seq, content: Content, now: Instant, ask_at: Instant) -> Filled {
        let Some(offset) = seq.after(self.next).filter(|offset| *offset < WINDOW) else {
            return Filled::default();
        };
        self.stray = None;
        let found_missing = self.grow(offset, now, ask_at);
        match self.slots.get_mut(offset as usize) {
            None => self.slots.push_back(Slot::There(content)),
            Some(slot) => {
                if let Slot::Missing { found, .. } = slot {
                    let late = now.saturating_duration_since(*found);
                    *slot = Slot::There(content);
                    self.was_missing();
                    return Filled { found_missing, late: Some(late) };
                }
            }
        }
        Filled { found_missing, late: None }
    }

    /// Everything up to `last` was sent; says how many of them were not known of.
    pub(super) fn expect(&mut self, last: Seq, now: Instant, ask_at: Instant) -> u32 {
        match last.after(self.next) {
            Some(offset) if offset < WINDOW => self.grow(offset + 1, now, ask_at),
            _ => 0,
        }
    }

    /// These will not come.
    pub(super) fn drop_range(&mut self, first: Seq, last: Seq) {
        let Some(end) = last.after(self.next).filter(|end| *end < WINDOW) else { return };
        let begin = first.after(self.next).unwrap_or(0);
        if begin > end {
            return;
        }
        // What lies before the range and is not known of yet is the next packet's business.
        if begin as usize > self.slots.len() {
            return;
        }
        for offset in begin..=end {
            match self.slots.get_mut(offset as usize) {
                None => self.slots.push_back(Slot::GivenUp),
                Some(slot) => {
                    if matches!(slot, Slot::Missing { .. }) {
                        *slot = Slot::GivenUp;
                        self.was_missing();
                    }
                }
            }
        }
    }

    /// Gives up what has been missing at the front for `hold`.
    pub(super) fn give_up(&mut self, now: Instant, hold: Duration) {
        let mut given_up = 0;
        for slot in &mut self.slots {
            match slot {
                Slot::Missing { found, .. } if *found + hold <= now => {
                    *slot = Slot::GivenUp;
                    given_up += 1;
                }
                Slot::GivenUp => {}
                Slot::There(_) if given_up > 0 => {}
                Slot::Missing { .. } | Slot::There(_) => break,
            }
        }
        (0..given_up).for_each(|_| self.was_missing());
    }

    /// A packet behind the window came: false the first time. The second one that agrees makes the window begin
    /// at the first; pop to the end then, for what was missing is lost.
    pub(super) fn jump(&mut self, seq: Seq) -> bool {
        let agreed =
            self.stray.filter(|stray| seq.after(*stray).is_some_and(|ahead| (1..WINDOW).contains(&ahead)));
        let Some(stray) = agreed else {
            self.stray = Some(seq);
            return false;
        };
        for slot in &mut self.slots {
            if matches!(slot, Slot::Missing { .. }) {
                *slot = Slot::GivenUp;
            }
        }
        (self.missing, self.next_ask, self.stray) = (0, None, None);
        self.jump_to = Some(stray);
        true
    }

    /// What can be handed up now, in order.
    pub(super) fn pop(&mut self) -> Option<Popped> {
        loop {
            match self.slots.front() {
                None => {
                    let lost = self.jump_to.take().and_then(|to| to.after(self.next).map(|lost| (to, lost)));
                    let (to, lost) = lost?;
                    self.next = to;
                    return Some(Popped::Lost(u64::from(lost)));
                }
                Some(Slot::Missing { .. }) => return None,
                Some(Slot::There(_) | Slot::GivenUp) => {}
            }
            self.next = self.next.next();
            match self.slots.pop_front()? {
                Slot::There(Content::Message { bytes, arrived }) => {
                    return Some(Popped::Message { bytes, arrived });
                }
                Slot::There(Content::Spoiled) => {}
                Slot::GivenUp => return Some(Popped::Lost(1)),
                Slot::Missing { .. } => return None,
            }
        }
    }

    /// The missing packets whose time has come, as ranges; `again` says in how long each is asked for once more,
    /// given how often it was.
    pub(super) fn due_asks(&mut self, now: Instant, again: impl Fn(u8) -> Duration) -> Vec<Range> {
        let mut ranges: Vec<Range> = Vec::new();
        let mut earliest: Option<Instant> = None;
        let mut seq = self.next;
        for slot in &mut self.slots {
            if let Slot::Missing { ask_at, asks, .. } = slot {
                if *ask_at <= now {
                    *asks = asks.saturating_add(1);
                    *ask_at = now + again(*asks);
                    match ranges.last_mut() {
                        Some((_, last)) if last.next() == seq => *last = seq,
                        _ => ranges.push((seq, seq)),
                    }
                }
                earliest = Some(earliest.map_or(*ask_at, |at| at.min(*ask_at)));
            }
            seq = seq.next();
        }
        self.next_ask = earliest;
        ranges
    }

    /// Places up to `length` that are not known of become missing.
    fn grow(&mut self, length: u32, now: Instant, ask_at: Instant) -> u32 {
        let grown = (length as usize).saturating_sub(self.slots.len());
        for _ in 0..grown {
            self.slots.push_back(Slot::Missing { found: now, ask_at, asks: 0 });
        }
        if grown > 0 {
            self.missing += grown;
            self.next_ask = Some(self.next_ask.map_or(ask_at, |at| at.min(ask_at)));
        }
        grown as u32
    }

    fn was_missing(&mut self) {
        self.missing -= 1;
        if self.missing == 0 {
            self.next_ask = None;
        }
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
