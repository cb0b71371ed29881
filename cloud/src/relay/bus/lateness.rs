//! How late a parcel is, of servers whose clocks need not agree.
//!
//! The fastest parcel of the last minute took the way itself, and no more; whatever another took beyond that it stood
//! somewhere. So a word that a stalled bus hands over late is as old as it is, and not new. What the fastest one took is
//! not seen: on a network of servers some milliseconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long the fastest counts: clocks drift, and some are set.
const WINDOW: Duration = Duration::from_secs(60);

/// One server's parcels.
#[derive(Debug, Default)]
pub(in crate::relay) struct Lateness {
    /// Our clock minus theirs at arrival, in µs, each less than all that came after it.
    best: VecDeque<(Instant, i64)>,
}

impl Lateness {
    /// How much longer than the fastest this one took.
    pub(in crate::relay) fn of(&mut self, sent_us: u64, heard_us: u64, now: Instant) -> Duration {
        let took = i64::try_from(i128::from(heard_us) - i128::from(sent_us)).unwrap_or(i64::MAX);
        while self.best.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > WINDOW) {
            self.best.pop_front();
        }
        while self.best.back().is_some_and(|(_, worse)| *worse >= took) {
            self.best.pop_back();
        }
        self.best.push_back((now, took));
        let best = self.best.front().map_or(took, |(_, best)| *best);
        Duration::from_micros(u64::try_from(took.saturating_sub(best)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_somewhere_is_as_old_as_it_is_whatever_the_clocks_say() {
        let begin = Instant::now();
        let second = Duration::from_secs(1);
        for ahead_us in [0_i64, 3_600_000_000, -5_000_000] {
            let mut lateness = Lateness::default();
            let mut heard = |at: u32, took_ms: u64| {
                let sent_us = 1_800_000_000_000_000 + u64::from(at) * 1_000_000;
                let heard_us = sent_us.saturating_add_signed(ahead_us) + took_ms * 1_000;
                lateness.of(sent_us, heard_us, begin + second * at).as_millis()
            };
            assert_eq!(heard(0, 9), 0, "the first is the fastest so far");
            assert_eq!(heard(1, 2), 0);
            assert_eq!(heard(2, 5), 3);
            assert_eq!(heard(3, 2_402), 2_400, "the bus stood still");
            assert_eq!(heard(61, 5), 3);
            assert_eq!(heard(62, 9), 4, "the fastest is forgotten after a minute");
        }
    }
}
