//! How fast a burst leaves: a usual frame at once, a keyframe's many packets spread over half a frame's time.
//!
//! A router on the way has little room; fifty packets back to back overflow it, and each one lost costs a round
//! trip. Spread, they take no longer through the narrowest link than they would have queued in front of it.

use std::time::{Duration, Instant};

/// Packets that leave back to back: ten kilobytes.
const AT_ONCE: u32 = 8;
/// The others follow at this distance (about 42 Mbit/s) ...
const DISTANCE: Duration = Duration::from_micros(250);
/// ... or closer, so that the last one has left by then.
const SPREAD: Duration = Duration::from_millis(8);
/// And never closer than this (about 100 Mbit/s), should a whole second have to be repeated.
const CLOSEST: Duration = Duration::from_micros(100);

/// The pace.
#[derive(Debug)]
pub(super) struct Pace {
    at_once: u32,
    next: Instant,
    done_by: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { at_once: AT_ONCE, next: now, done_by: now }
    }

    /// Something waits, and nothing did before: a burst begins.
    pub(super) fn begin(&mut self, now: Instant) {
        let rested = now.saturating_duration_since(self.next) >= CLOSEST * AT_ONCE;
        if rested {
            self.at_once = AT_ONCE;
        }
        self.next = self.next.max(now);
        self.done_by = now + SPREAD;
    }

    /// When the next packet may leave.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// One left, and `waiting` are behind it.
    pub(super) fn sent(&mut self, waiting: usize) {
        if self.at_once > 0 {
            self.at_once -= 1;
            return;
        }
        let left = self.done_by.saturating_duration_since(self.next);
        let share = left / u32::try_from(waiting).unwrap_or(u32::MAX).saturating_add(1);
        self.next += share.clamp(CLOSEST, DISTANCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leave(count: usize) -> Vec<Duration> {
        #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.begin(start);
        let times = (0..count).map(|n| {
            let at = pace.next();
            pace.sent(count - n - 1);
            at.max(start) - start
        });
        times.collect()
    }

    #[test]
    fn a_usual_frame_leaves_at_once() {
        assert!(leave(8).iter().all(Duration::is_zero));
    }

    #[test]
    fn a_keyframe_is_spread_evenly_and_done_in_time() {
        let times = leave(46);
        assert!(times.iter().take(8).all(Duration::is_zero));
        assert!(times[45] <= SPREAD && times[45] > SPREAD * 8 / 10, "{:?}", times[45]);
        let steps: Vec<_> = times[9..].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| step.abs_diff(steps[0]) < Duration::from_micros(10)), "{steps:?}");
    }

    #[test]
    fn a_small_keyframe_does_not_use_up_the_time_that_a_large_one_needs() {
        assert_eq!(leave(16)[15], DISTANCE * 7);
    }

    #[test]
    fn a_second_of_repetitions_does_not_flood_the_path() {
        assert!(leave(1000)[999] > Duration::from_millis(90));
    }
}
