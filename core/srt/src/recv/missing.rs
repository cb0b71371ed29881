//! What is missing: since when, and when it is to be asked for.

use std::time::Instant;

use crate::packet::loss::Range;
use crate::seq::Seq;

/// A missing packet.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) found: Instant,
    ask_at: Instant,
    asks: u8,
}

impl Missing {
    pub(super) fn new(found: Instant, ask_at: Instant) -> Self {
        Self { found, ask_at, asks: 0 }
    }
}

/// How many are missing, and when the first of them is to be asked for.
#[derive(Debug, Default)]
pub(super) struct Count {
    count: usize,
    /// Not after any missing packet's `ask_at`.
    next_ask: Option<Instant>,
}

impl Count {
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn next_ask(&self) -> Option<Instant> {
        self.next_ask
    }

    /// So many more were found missing.
    pub(super) fn more(&mut self, found: usize, ask_at: Instant) {
        if found > 0 {
            self.count += found;
            self.next_ask = Some(self.next_ask.map_or(ask_at, |at| at.min(ask_at)));
        }
    }

    /// One came, or was given up.
    pub(super) fn one_less(&mut self) {
        self.count -= 1;
        if self.count == 0 {
            self.next_ask = None;
        }
    }

    /// Those of `missing`, which are all in order, whose time has come, as ranges; `again` says when each is asked for
    /// once more, given how often it was and since when it is missing.
    pub(super) fn due_asks<'a>(
        &mut self,
        missing: impl Iterator<Item = (Seq, &'a mut Missing)>,
        now: Instant,
        again: impl Fn(u8, Instant) -> Instant,
    ) -> Vec<Range> {
        let mut ranges: Vec<Range> = Vec::new();
        let mut earliest: Option<Instant> = None;
        for (seq, Missing { found, ask_at, asks }) in missing {
            if *ask_at <= now {
                *asks = asks.saturating_add(1);
                *ask_at = again(*asks, *found);
                match ranges.last_mut() {
                    Some((_, last)) if last.next() == seq => *last = seq,
                    _ => ranges.push((seq, seq)),
                }
            }
            earliest = Some(earliest.map_or(*ask_at, |at| at.min(*ask_at)));
        }
        self.next_ask = earliest;
        ranges
    }
}
