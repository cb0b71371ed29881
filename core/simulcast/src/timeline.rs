//! A publisher's timeline laid onto a viewer's, so that it stays one line when the publisher starts over.

use std::time::{Duration, Instant};

use returnfeed_protocol::MediaTime;

/// How far a unit may stand from where the clock expects it before its timeline counts as another one: more
/// than any jitter of arrival, less than anybody would take for continuous.
const TOLERANCE: i128 = MediaTime::HZ as i128 / 4;

/// Publisher's time in, viewer's time out, both in ticks of 90 kHz.
#[derive(Debug, Clone)]
pub(crate) struct Rebase {
    offset: i128,
    last: Option<Last>,
    start: u64,
}

/// The unit before.
#[derive(Debug, Clone, Copy)]
struct Last {
    /// Where the publisher's own line puts it.
    line: i128,
    at: Instant,
    /// What it was given: more than its line, where it came after younger ones.
    out: u64,
}

impl Rebase {
    /// `start` is the viewer's time of the first unit.
    pub(crate) fn new(start: u64) -> Self {
        Self { offset: 0, last: None, start }
    }

    /// The viewer's time of a unit of publisher's time `pts` whose moment on our clock is `at`, and the moment that
    /// this time stands for. It rises: units older than what went out before, as whoever changes to a layer's kept
    /// pictures is sent, follow each other by a tick until they have caught up.
    pub(crate) fn map(&mut self, pts: MediaTime, at: Instant) -> (u64, Instant) {
        let pts = i128::from(pts.0);
        let (line, least) = match self.last {
            None => {
                self.offset = i128::from(self.start) - pts;
                (i128::from(self.start), self.start)
            }
            Some(Last { line, at: last_at, out }) => {
                let expected = line + ticks_between(last_at, at);
                if (pts + self.offset - expected).abs() > TOLERANCE {
                    self.offset = expected - pts;
                }
                (pts + self.offset, out + 1)
            }
        };
        let out = u64::try_from(line).unwrap_or(0).max(least);
        self.last = Some(Last { line, at, out });
        (out, at + span(i128::from(out) - line))
    }
}

/// So many ticks; nothing if they are negative.
fn span(ticks: i128) -> Duration {
    let nanos = ticks.max(0).unsigned_abs() * 1_000_000_000 / u128::from(MediaTime::HZ);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
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
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn a_publisher_that_starts_over_continues_where_the_clock_stands() {
        let begin = Instant::now();
        let mut rebase = Rebase::new(1_000);
        assert_eq!(rebase.map(MediaTime(500_000), begin), (1_000, begin));
        let soon = begin + Duration::from_millis(19);
        assert_eq!(rebase.map(MediaTime(501_500), soon), (2_500, soon));
        // Two seconds later a new publisher counts from zero.
        let later = begin + Duration::from_millis(2_019);
        assert_eq!(rebase.map(MediaTime(0), later), (2_500 + 180_000, later));
        assert_eq!(rebase.map(MediaTime(1_500), later + Duration::from_millis(17)).0, 2_500 + 181_500);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn older_units_follow_tick_by_tick_and_the_line_stays_where_it_was() {
        let begin = Instant::now() + Duration::from_secs(10);
        let mut rebase = Rebase::new(1_000_000);
        let mut send = |second: i64, frame: i64| {
            let ticks = second * 90_000 + frame * 3_000;
            let ago = Duration::from_nanos(ticks.unsigned_abs() * 1_000_000_000 / 90_000);
            let at = if ticks < 0 { begin - ago } else { begin + ago };
            let (out, moment) = rebase.map(MediaTime((900_000 + ticks) as u64), at);
            (out, moment.saturating_duration_since(at))
        };
        assert_eq!(send(0, 0), (1_000_000, Duration::ZERO));
        for frame in 0..120 {
            let (out, late) = send(-4, frame);
            assert_eq!(out, 1_000_001 + frame as u64);
            assert!(
                late > Duration::from_millis(33),
                "it stands for the moment of its time, not of its capture"
            );
        }
        assert_eq!(send(0, 1), (1_003_000, Duration::ZERO));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn slow_drift_between_two_clocks_never_jumps() {
        let begin = Instant::now();
        let mut rebase = Rebase::new(0);
        let (mut last, _) = rebase.map(MediaTime(0), begin);
        // Ten hours at 200 ppm: seven seconds apart in the end.
        for n in 1..36_000_u64 {
            let (out, _) = rebase.map(MediaTime(n * 90_018), begin + Duration::from_secs(n));
            assert_eq!(out - last, 90_018, "second {n}");
            last = out;
        }
    }
}
