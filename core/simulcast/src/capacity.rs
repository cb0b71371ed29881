//! What a viewer's path carries, from what arrived of what was sent, and the padding that proves it.
//!
//! What is known without padding: what arrives, where it arrives more slowly than it was sent, is what the path
//! carries; and it carries at least what arrives. The rest is a probe's. It refuses to be a congestion controller:
//! nothing here ever slows a picture down.
//! Invariant: an estimate above what was sent is never given.

mod arrivals;
mod probe;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Instant;

use arrivals::{Arrived, Rates, Waits};
use probe::{Probe, Shown};
use returnfeed_protocol::Bitrate;

/// What a path is taken to carry before anything was heard of it: enough to begin high.
const UNKNOWN: Bitrate = Bitrate(1_000_000);
/// What arrived is looked at over this time of the receiver's clock.
const WINDOW_US: i64 = 500_000;
/// And over no more packets: a receiver whose clock stands still, or goes back, would have them all looked at.
const MOST: usize = 1_024;
/// A shorter time says nothing about a rate.
const LEAST_US: i64 = 200_000;
/// Waiting longer than the least that was seen by this much is a queue's.
const QUEUE_US: i64 = 30_000;
/// Arriving slower than sent by this many percent is the path's doing.
const SLOWER: u64 = 90;

/// The estimate for one viewer.
#[derive(Debug, Clone)]
pub struct Capacity {
    estimate: Bitrate,
    /// What is to be proven.
    goal: Bitrate,
    recent: VecDeque<Arrived>,
    waits: Waits,
    probe: Option<Probe>,
}

impl Capacity {
    /// Nothing is known yet; a probe is to prove more than `goal`.
    pub fn new(goal: Bitrate) -> Self {
        let (recent, waits) = (VecDeque::new(), Waits::default());
        Self { estimate: UNKNOWN, goal, recent, waits, probe: None }
    }

    /// What the path carries, as far as that is known.
    pub fn estimate(&self) -> Bitrate {
        self.estimate
    }

    /// Takes a packet that arrived at `at_us` on the receiver's clock; packets of one feedback in their order.
    pub fn handle_arrival(&mut self, sent: Instant, at_us: i64, bytes: usize) {
        let arrived = Arrived { sent, at_us, bytes: bytes as u64 };
        if let Some(probe) = &mut self.probe {
            probe.handle_arrival(arrived);
        }
        if self.recent.len() >= MOST {
            self.recent.pop_front();
        }
        self.recent.push_back(arrived);
        self.waits.note(&arrived);
    }

    /// Draws the conclusion, after the packets of one feedback.
    pub fn handle_feedback(&mut self, now: Instant) {
        let newest = self.recent.back().map_or(0, |arrived| arrived.at_us);
        self.recent.retain(|arrived| newest - arrived.at_us <= WINDOW_US);
        if self.probe.is_none()
            && let Some(Rates { sent, arrived }) = Rates::of(self.recent.make_contiguous(), LEAST_US)
        {
            let queued = self.recent.back().is_some_and(|last| self.waits.queued_us(last) > QUEUE_US);
            if queued && arrived * 100 < sent * SLOWER {
                self.estimate = Bitrate(arrived);
            } else {
                self.estimate = self.estimate.max(Bitrate(arrived.min(sent)));
            }
        }
        self.judge_step(now);
    }

    /// Begins to find out what more the path carries.
    pub fn begin_probe(&mut self, now: Instant) {
        self.probe = Some(Probe::new(self.goal.0, now));
    }

    /// No more padding.
    pub fn end_probe(&mut self) {
        self.probe = None;
    }

    /// What was proven is to be proven again: the path turned out to be worse.
    pub fn doubt(&mut self) {
        self.estimate = self.estimate.min(self.goal);
    }

    /// When to call [`Self::poll_padding`] again.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.probe.as_ref().and_then(Probe::poll_timeout)
    }

    /// How many bytes of padding to send now.
    pub fn poll_padding(&mut self, now: Instant) -> Option<usize> {
        let padding = self.probe.as_mut()?.poll_padding(now);
        if padding.is_none() {
            self.judge_step(now);
        }
        padding
    }

    fn judge_step(&mut self, now: Instant) {
        let newest = self.recent.back().map(|last| last.sent);
        match self.probe.as_mut().and_then(|probe| probe.judge_step(newest, now)) {
            Some(Shown::Anew(rate)) => self.estimate = Bitrate(rate),
            Some(Shown::AtLeast(rate)) => self.estimate = self.estimate.max(Bitrate(rate)),
            None => {}
        }
    }
}
