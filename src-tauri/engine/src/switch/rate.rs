//! The programme's rate: as its source's frames come, at most 60 a second. Pure.
//!
//! Refuses to even out jitter: a frame that is early by chance passes, only a source that is truly faster than
//! 60 loses frames. Invariant: over any window the frames passed exceed 60 a second by at most two, and by one for each cut.

use std::time::Duration;

use crate::clock::EngineTime;

/// One frame at 60 a second.
const PERIOD: Duration = Duration::from_nanos(16_666_667);
/// How far a frame may run ahead of an even 60: one and a half frames of network jitter.
const EARLY: Duration = Duration::from_nanos(25_000_000);

/// Lets frames pass (generic cell rate algorithm: one number of state).
#[derive(Debug, Default)]
pub(super) struct RateCap {
    due: EngineTime,
}

impl RateCap {
    /// Whether a frame arriving now passes.
    pub(super) fn admits(&mut self, now: EngineTime) -> bool {
        if now + EARLY < self.due {
            return false;
        }
        self.due = self.due.max(now) + PERIOD;
        true
    }

    /// Another picture than before begins with the next frame, which passes whatever was before it: a cut is seen at its
    /// frame.
    pub(super) fn restart(&mut self) {
        self.due = EngineTime::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(arrivals: impl Iterator<Item = Duration>) -> usize {
        let mut cap = RateCap::default();
        arrivals.filter(|at| cap.admits(*at)).count()
    }

    #[test]
    fn sixty_frames_a_second_pass_whole_however_they_jitter() {
        let jitter = |n: u64| Duration::from_micros(n * 16_667 + (n * 7_919) % 12_000);
        assert_eq!(passed((0..600).map(jitter)), 600);
    }

    #[test]
    fn a_hundred_and_twenty_become_sixty() {
        let count = passed((0..1_200).map(|n| Duration::from_micros(n * 8_333)));
        assert!((600..=602).contains(&count), "{count}");
    }

    #[test]
    fn twenty_five_stay_twenty_five() {
        assert_eq!(passed((0..250).map(|n| Duration::from_millis(n * 40))), 250);
    }
}
