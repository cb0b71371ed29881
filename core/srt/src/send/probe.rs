//! Proving a frame's last packet: a receiver sees a loss only when something later comes, which at a frame's end
//! is the next frame.
//!
//! While the path loses, a peer of this crate is told the last packet's number two milliseconds after it. Any
//! other peer, and a lost probe, is met by repeating the last packet when its acknowledgement is overdue.

use std::time::{Duration, Instant};

use crate::rtt::Rtt;

/// After a frame's last packet; a frame's own packets come closer together.
const SOON: Duration = Duration::from_millis(2);
/// A path that lost nothing for so long is not probed.
const LOSSY_FOR: Duration = Duration::from_secs(10);
/// A receiver acknowledges each 10 ms, timers are coarse, and machines have other things to do.
const ACK_SLACK: Duration = Duration::from_millis(25);
const LONGEST: Duration = Duration::from_millis(500);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Name the last packet.
    Name,
    /// Repeat the last packet.
    Repeat,
}

/// When to prove the tail.
#[derive(Debug)]
pub(super) struct Probe {
    /// Whether the peer reads names.
    named: bool,
    lost_at: Option<Instant>,
    name_at: Option<Instant>,
    repeat_at: Option<Instant>,
    repeats: u32,
}

impl Probe {
    pub(super) fn new(named: bool) -> Self {
        Self { named, lost_at: None, name_at: None, repeat_at: None, repeats: 0 }
    }

    /// The receiver missed something.
    pub(super) fn lost(&mut self, now: Instant) {
        self.lost_at = Some(now);
    }

    /// A new packet left, and none waits behind it.
    pub(super) fn tail(&mut self, rtt: &Rtt, now: Instant) {
        let lossy = self.lost_at.is_some_and(|at| now.saturating_duration_since(at) < LOSSY_FOR);
        self.name_at = (self.named && lossy).then(|| now + SOON);
        self.repeats = 0;
        self.repeat_at = Some(now + rtt.patience() + ACK_SLACK);
    }

    /// Something was acknowledged; `all` when nothing is left.
    pub(super) fn acknowledged(&mut self, all: bool) {
        if all {
            (self.name_at, self.repeat_at) = (None, None);
        }
    }

    pub(super) fn poll(&mut self, rtt: &Rtt, now: Instant) -> Option<Due> {
        if self.name_at.is_some_and(|at| at <= now) {
            self.name_at = None;
            return Some(Due::Name);
        }
        if self.repeat_at.is_some_and(|at| at <= now) {
            self.repeats = (self.repeats + 1).min(8);
            let wait = (rtt.patience() + ACK_SLACK) * (1 << self.repeats);
            self.repeat_at = Some(now + wait.min(LONGEST.max(rtt.patience())));
            return Some(Due::Repeat);
        }
        None
    }

    pub(super) fn due(&self) -> Option<Instant> {
        [self.name_at, self.repeat_at].into_iter().flatten().min()
    }
}
