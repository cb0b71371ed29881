//! Packets from the next one to be handed up to the last one known of: there, missing, or given up.
//!
//! Pure order: it knows no keys and no round trip. At most [`WINDOW`] places, taken only behind a gap.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::missing::{Count, Missing};
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
    Missing(Missing),
    There(Content),
    GivenUp,
}

/// The window.
pub(super) struct Window {
    next: Seq,
    slots: VecDeque<Slot>,
    missing: Count,
    /// A packet behind the window: one may be noise, two that agree are where the sender is now.
    stray: Option<Seq>,
    jump_to: Option<Seq>,
}

impl Window {
    pub(super) fn new(first: Seq) -> Self {
        Self { next: first, slots: VecDeque::new(), missing: Count::default(), stray: None, jump_to: None }
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
        self.slots.len() - self.missing.count()
    }

    /// Since when the first packet has been missing.
    pub(super) fn gap_since(&self) -> Option<Instant> {
        match self.slots.front()? {
            Slot::Missing(missing) => Some(missing.found),
            Slot::There(_) | Slot::GivenUp => None,
        }
    }

    /// When a missing packet is to be asked for.
    pub(super) fn next_ask(&self) -> Option<Instant> {
        self.missing.next_ask()
    }

    pub(super) fn place(&self, seq: Seq) -> Place {
        match seq.after(self.next) {
            None => Place::Passed,
            Some(offset) if offset >= WINDOW => Place::Beyond,
            Some(offset) => match self.slots.get(offset as usize) {
                None | Some(Slot::Missing(_)) => Place::Free,
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
        let mut late = None;
        match self.slots.get_mut(offset as usize) {
            None => self.slots.push_back(Slot::There(content)),
            Some(slot) => {
                if let Slot::Missing(missing) = slot {
                    late = Some(now.saturating_duration_since(missing.found));
                    *slot = Slot::There(content);
                    self.missing.one_less();
                }
            }
        }
        Filled { found_missing, late }
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
        // What lies before the range and is not known of yet is the next packet's business.
        if begin > end || begin as usize > self.slots.len() {
            return;
        }
        for offset in begin..=end {
            match self.slots.get_mut(offset as usize) {
                None => self.slots.push_back(Slot::GivenUp),
                Some(slot) => {
                    if matches!(slot, Slot::Missing(_)) {
                        *slot = Slot::GivenUp;
                        self.missing.one_less();
                    }
                }
            }
        }
    }

    /// Gives up what has been missing at the front for `hold`.
    pub(super) fn give_up(&mut self, now: Instant, hold: Duration) {
        let mut given_up = false;
        for slot in &mut self.slots {
            match slot {
                Slot::Missing(missing) if missing.found + hold <= now => {
                    *slot = Slot::GivenUp;
                    self.missing.one_less();
                    given_up = true;
                }
                Slot::GivenUp => {}
                Slot::There(_) if given_up => {}
                Slot::Missing(_) | Slot::There(_) => break,
            }
        }
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
            if matches!(slot, Slot::Missing(_)) {
                *slot = Slot::GivenUp;
            }
        }
        (self.missing, self.stray) = (Count::default(), None);
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
                Some(Slot::Missing(_)) => return None,
                Some(Slot::There(_) | Slot::GivenUp) => {}
            }
            self.next = self.next.next();
            match self.slots.pop_front()? {
                Slot::There(Content::Message { bytes, arrived }) => {
                    return Some(Popped::Message { bytes, arrived });
                }
                Slot::There(Content::Spoiled) => {}
                Slot::GivenUp => return Some(Popped::Lost(1)),
                Slot::Missing(_) => return None,
            }
        }
    }

    /// The missing packets whose time has come, as ranges; `again` says when each is asked for once more, given how
    /// often it was and since when it is missing.
    pub(super) fn due_asks(&mut self, now: Instant, again: impl Fn(u8, Instant) -> Instant) -> Vec<Range> {
        let first = self.next;
        let missing = self.slots.iter_mut().zip(0..).filter_map(|(slot, offset)| match slot {
            Slot::Missing(missing) => Some((first.plus(offset), missing)),
            Slot::There(_) | Slot::GivenUp => None,
        });
        self.missing.due_asks(missing, now, again)
    }

    /// Places up to `length` that are not known of become missing.
    fn grow(&mut self, length: u32, now: Instant, ask_at: Instant) -> u32 {
        let grown = (length as usize).saturating_sub(self.slots.len());
        for _ in 0..grown {
            self.slots.push_back(Slot::Missing(Missing::new(now, ask_at)));
        }
        self.missing.more(grown, ask_at);
        grown as u32
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
