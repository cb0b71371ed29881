//! When each connection wants to be woken. A later wish does not move an earlier one: the connection is woken, finds
//! nothing to do and wishes again, which is cheaper than moving an entry with every packet.

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

/// The earliest wish of each key.
#[derive(Debug, Default)]
pub(super) struct Timers {
    order: BTreeSet<(Instant, u32)>,
    wishes: HashMap<u32, Instant>,
}

impl Timers {
    /// Wakes `key` at `at` or before.
    pub(super) fn wish(&mut self, key: u32, at: Instant) {
        match self.wishes.get_mut(&key) {
            Some(before) if *before <= at => return,
            Some(before) => {
                self.order.remove(&(*before, key));
                *before = at;
            }
            None => drop(self.wishes.insert(key, at)),
        }
        self.order.insert((at, key));
    }

    /// Takes one whose time has come; it has no wish then.
    pub(super) fn take(&mut self, now: Instant) -> Option<u32> {
        let (at, key) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.order.pop_first();
        self.wishes.remove(&key);
        Some(key)
    }

    /// Forgets `key`.
    pub(super) fn forget(&mut self, key: u32) {
        if let Some(at) = self.wishes.remove(&key) {
            self.order.remove(&(at, key));
        }
    }

    /// The earliest.
    pub(super) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }
}
