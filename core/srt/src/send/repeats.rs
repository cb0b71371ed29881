//! Which packets go again, and when: those the receiver asks for, and a second copy soon after the first, as far
//! as a budget of a tenth of the stream allows.
//!
//! A repetition is lost as often as a packet is, and a lost one costs another round trip for everything behind
//! it; the second copy makes that rare.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::seq::Seq;

/// Budget that a packet earns, that a second copy costs, and that can be saved up: 64 copies.
const EARNED: u32 = 1;
const COST: u32 = 10;
const SAVED: u32 = 64 * COST;

/// What is to be repeated.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    asked: VecDeque<Seq>,
    second: VecDeque<(Instant, Seq)>,
    budget: u32,
}

impl Repeats {
    /// Waiting.
    pub(super) fn waiting(&self) -> usize {
        self.asked.len()
    }

    /// A packet was sent for the first time.
    pub(super) fn earn(&mut self) {
        self.budget = (self.budget + EARNED).min(SAVED);
    }

    /// The receiver misses it.
    pub(super) fn ask(&mut self, seq: Seq) {
        self.asked.push_back(seq);
    }

    /// The next one to repeat.
    pub(super) fn take(&mut self) -> Option<Seq> {
        self.asked.pop_front()
    }

    /// It was repeated now; a second copy follows if the budget allows.
    pub(super) fn follow(&mut self, seq: Seq, rtt: Duration, now: Instant) {
        if let Some(budget) = self.budget.checked_sub(COST) {
            self.budget = budget;
            let soon = (rtt / 8).clamp(Duration::from_millis(3), Duration::from_millis(10));
            self.second.push_back((now + soon, seq));
        }
    }

    /// A second copy that is due.
    pub(super) fn take_second(&mut self, now: Instant) -> Option<Seq> {
        self.second.pop_front_if(|(at, _)| *at <= now).map(|(_, seq)| seq)
    }

    /// When the next second copy is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.second.front().map(|(at, _)| *at)
    }
}
