//! A publisher's timeline laid onto a viewer's, so that it stays one line when the publisher starts over.

use std::time::Instant;

use returnfeed_protocol::MediaTime;

/// How far a unit may stand from where the clock expects it before its timeline counts as another one: more
/// than any jitter of arrival, less than anybody would take for continuous.
const TOLERANCE: i128 = MediaTime::HZ as i128 / 4;

/// Publisher's time in, viewer's time out, both in ticks of 90 kHz.
#[derive(Debug, Clone)]
pub(crate) struct Rebase {
    offset: i128,
    last: Option<(u64, Instant)>,
    start: u64,
}

impl Rebase {
    /// `start` is the viewer's time of the first unit.
    pub(crate) fn new(start: u64) -> Self {
        Self { offset: 0, last: None, start }
    }

    /// The viewer's time of a unit of publisher's time `pts` whose moment on our clock is `at`. It rises.
    pub(crate) fn map(&mut self, pts: MediaTime, at: Instant) -> u64 {
        let pts = i128::from(pts.0);
        let out = match self.last {
            None => {
                self.offset = i128::from(self.start) - pts;
                self.start
            }
            Some((last, last_at)) => {
                let expected = i128::from(last) + ticks_between(last_at, at);
                if (pts + self.offset - expected).abs() > TOLERANCE {
                    self.offset = expected - pts;
                }
                u64::try_from(pts + self.offset).unwrap_or(0).max(last + 1)
            }
        };
        self.last = Some((out, at));
        out
    }
}

fn ticks_between(from: Instant, to: Instant) -> i128 {
    let ticks = |earlier: Instant, later: Instant| {
        (later.saturating_duration_since(earlier).as_nanos() * u128::from(MediaTime::HZ) / 1_000_000_000)
            as i128
    };
    ticks(from, to) - ticks(to, from)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn a_publisher_that_starts_over_continues_where_the_clock_stands() {
        let begin = Instant::now();
        let mut rebase = Rebase::new(1_000);
        assert_eq!(rebase.map(MediaTime(500_000), begin), 1_000);
        assert_eq!(rebase.map(MediaTime(501_500), begin + Duration::from_millis(19)), 2_500);
        // Two seconds later a new publisher counts from zero.
        let later = begin + Duration::from_millis(2_019);
        assert_eq!(rebase.map(MediaTime(0), later), 2_500 + 180_000);
        assert_eq!(rebase.map(MediaTime(1_500), later + Duration::from_millis(17)), 2_500 + 181_500);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn slow_drift_between_two_clocks_never_jumps() {
        let begin = Instant::now();
        let mut rebase = Rebase::new(0);
        let mut last = rebase.map(MediaTime(0), begin);
        // Ten hours at 200 ppm: seven seconds apart in the end.
        for n in 1..36_000_u64 {
            let out = rebase.map(MediaTime(n * 90_018), begin + Duration::from_secs(n));
            assert_eq!(out - last, 90_018, "second {n}");
            last = out;
        }
    }
}
