//! Another machine's clock, as far as questions and answers can tell: how far it is ahead of ours, and how wrong
//! that may be (the exchange of RFC 5905 section 8, with one timestamp for the other side's receipt and answer).
//!
//! Refuses to average: the answer that came back fastest says most. Invariant: while neither clock is set anew and
//! neither drifts faster than [`DRIFT_PPM`], the truth is within the error it states.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::collections::VecDeque;

/// What two quartz clocks may run apart, in parts per million; what a good answer loses of its worth as it ages.
const DRIFT_PPM: u64 = 100;
/// Answers kept: half a minute of one each two seconds.
const KEPT: usize = 16;

/// How far a clock is ahead of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// In µs; negative: it is behind.
    pub ahead_us: i64,
    /// The truth is at most this far from it, in µs.
    pub error_us: u64,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    heard_us: u64,
    offset: Offset,
}

impl Sample {
    fn at(&self, now_us: u64) -> Offset {
        let age = now_us.abs_diff(self.heard_us);
        let drift = (age / 1_000_000).saturating_mul(DRIFT_PPM);
        Offset { error_us: self.offset.error_us.saturating_add(drift), ..self.offset }
    }
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct RemoteClock {
    samples: VecDeque<Sample>,
}

impl RemoteClock {
    /// It said `theirs_us` between `asked_us` and `heard_us` of our clock; all are Unix times in µs.
    pub fn handle_answer(&mut self, asked_us: u64, theirs_us: u64, heard_us: u64) {
        let Some(took) = heard_us.checked_sub(asked_us) else { return }; // ours was set back meanwhile
        let error_us = took.div_ceil(2);
        let ours = asked_us.saturating_add(took / 2);
        let ahead = i128::from(theirs_us).saturating_sub(i128::from(ours));
        let Ok(ahead_us) = i64::try_from(ahead) else { return };
        let sample = Sample { heard_us, offset: Offset { ahead_us, error_us } };
        // Two that cannot both be true: one of the clocks was set anew, and only the newest knows.
        if self
            .offset(heard_us)
            .is_some_and(|held| held.ahead_us.abs_diff(ahead_us) > held.error_us.saturating_add(error_us))
        {
            self.samples.clear();
        }
        self.samples.truncate(KEPT.saturating_sub(1));
        self.samples.push_front(sample);
    }

    /// The best that is known.
    pub fn offset(&self, now_us: u64) -> Option<Offset> {
        self.samples.iter().map(|sample| sample.at(now_us)).min_by_key(|offset| offset.error_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn the_fastest_answer_decides_and_the_truth_is_within_its_error() {
        let truth = 250_000; // theirs is a quarter of a second ahead
        let mut clock = RemoteClock::default();
        for (n, (out, back)) in [(40_000, 3_000), (4_000, 2_000), (1_000, 90_000)].into_iter().enumerate() {
            let asked = 1_000 * SECOND + n as u64 * SECOND;
            clock.handle_answer(asked, asked + out + truth, asked + out + back);
        }
        let offset = clock.offset(1_003 * SECOND).unwrap();
        assert_eq!(offset, Offset { ahead_us: 251_000, error_us: 3_100 });
        assert!(offset.ahead_us.abs_diff(250_000) <= offset.error_us);
    }

    #[test]
    fn an_answer_loses_its_worth_as_the_clocks_drift() {
        let mut clock = RemoteClock::default();
        clock.handle_answer(SECOND, SECOND, SECOND);
        assert_eq!(clock.offset(61 * SECOND).unwrap().error_us, 6_000);
    }

    #[test]
    fn a_clock_that_was_set_anew_is_believed_at_once() {
        let mut clock = RemoteClock::default();
        for n in 0..20 {
            clock.handle_answer(n * SECOND, n * SECOND + 500, n * SECOND + 1_000);
        }
        clock.handle_answer(20 * SECOND, 15 * SECOND, 20 * SECOND + 80_000);
        assert_eq!(clock.offset(20 * SECOND).unwrap(), Offset { ahead_us: -5_040_000, error_us: 40_000 });
    }

    #[test]
    fn nonsense_is_passed_over() {
        let mut clock = RemoteClock::default();
        assert_eq!(clock.offset(0), None);
        clock.handle_answer(2, 0, 1);
        assert_eq!(clock.offset(0), None);
        clock.handle_answer(0, u64::MAX, u64::MAX);
        assert_eq!(clock.offset(u64::MAX), None);
    }
}
