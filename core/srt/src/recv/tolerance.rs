//! How long a missing packet may merely be late: a path that reorders is not asked to repeat what is coming.
//!
//! The longest lateness of the last few seconds, of packets that came by themselves, and a quarter more. A path
//! that keeps order has none, and a lost packet is asked for at once.

use std::time::{Duration, Instant};

const ROUND: Duration = Duration::from_secs(4);
/// Later than this is as good as lost.
const MOST: Duration = Duration::from_millis(30);

/// The tolerance.
#[derive(Debug)]
pub(super) struct Tolerance {
    /// Longest of the round before this one.
    before: Duration,
    /// Longest of this round.
    longest: Duration,
    begun: Instant,
}

impl Tolerance {
    pub(super) fn new(now: Instant) -> Self {
        Self { before: Duration::ZERO, longest: Duration::ZERO, begun: now }
    }

    /// A packet came by itself, so long after a later one.
    pub(super) fn came_late(&mut self, late: Duration, now: Instant) {
        self.turn(now);
        self.longest = self.longest.max(late.min(MOST));
    }

    /// How long to wait before asking.
    pub(super) fn get(&mut self, now: Instant) -> Duration {
        self.turn(now);
        self.latest()
    }

    /// The same, as it was when last looked at.
    pub(super) fn latest(&self) -> Duration {
        (self.longest.max(self.before) * 5 / 4).min(MOST)
    }

    fn turn(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.begun);
        if age >= ROUND {
            self.before = if age < ROUND * 2 { self.longest } else { Duration::ZERO };
            self.longest = Duration::ZERO;
            self.begun = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn it_grows_at_once_and_is_forgotten_in_time() {
        let start = Instant::now();
        let mut tolerance = Tolerance::new(start);
        assert_eq!(tolerance.get(start), Duration::ZERO);
        tolerance.came_late(Duration::from_millis(8), start);
        tolerance.came_late(Duration::from_millis(2), start);
        assert_eq!(tolerance.get(start), Duration::from_millis(10));
        assert_eq!(tolerance.get(start + ROUND), Duration::from_millis(10));
        assert_eq!(tolerance.get(start + ROUND * 2), Duration::ZERO);
        tolerance.came_late(Duration::from_secs(1), start + ROUND * 2);
        assert_eq!(tolerance.latest(), MOST);
    }
}
