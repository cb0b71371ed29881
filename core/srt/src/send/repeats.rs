//! Which packets go again, and when: those the receiver asks for, and a second copy soon after the first, as far
//! as a budget of a tenth of the stream allows.
//!
//! A repetition is lost as often as a packet is, and a lost one costs another round trip for everything behind
//! it; the second copy makes that rare.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::buffer::Buffer;
use crate::packet::loss::{LossList, Range};
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

/// What a request led to.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Packets missed for the first time.
    pub(super) lost: u64,
    /// Packets that are no longer kept.
    pub(super) gone: Vec<Range>,
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

    /// The receiver misses these. One that was repeated so recently that the request cannot know of it is not
    /// repeated again.
    pub(super) fn ask(
        &mut self,
        list: LossList<'_>,
        buffer: &mut Buffer,
        recently: Duration,
        now: Instant,
    ) -> Asked {
        let mut asked = Asked::default();
        for (first, last) in list.ranges() {
            let kept = buffer.first();
            let mut seq = first;
            if kept.after(first).is_some_and(|gone| gone > 0) {
                let last_gone = if last.after(kept).is_some() { kept.before() } else { last };
                asked.gone.push((first, last_gone));
                seq = kept;
            }
            while last.after(seq).is_some() {
                let Some(kept) = buffer.get_mut(seq) else { break };
                let recent = kept.repeated_at.is_some_and(|at| now.saturating_duration_since(at) < recently);
                if !kept.awaited && !recent {
                    kept.awaited = true;
                    asked.lost += u64::from(kept.repeated_at.is_none());
                    self.asked.push_back(seq);
                }
                seq = seq.next();
            }
        }
        asked
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
