//! How long a viewer's browser is told to hold a picture, so that a path's jitter does not show.
//!
//! Invariant: 0 to 400 ms, in steps of 10 ms (the resolution of the playout-delay extension). It rises at once and
//! falls only after the path was calm for a while, for each change of it is seen.

use std::time::{Duration, Instant};

/// The longest hold.
const MOST: Duration = Duration::from_millis(400);
/// One step.
const STEP: Duration = Duration::from_millis(10);
/// A jitter below this is lost between two pictures.
const CALM: Duration = Duration::from_millis(5);
/// How many times the mean deviation (RFC 3550 6.4.1) covers nearly every picture.
const COVERS: u32 = 3;
/// A shorter hold must do for this long before it is taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// A hold that is less than this too long is left as it is.
const SLACK: Duration = Duration::from_millis(30);

/// The hold of one viewer.
#[derive(Debug, Clone, Default)]
pub struct Playout {
    delay: Duration,
    /// Since when a shorter one would do, and the longest that was wanted since.
    calm: Option<(Instant, Duration)>,
}

impl Playout {
    /// The hold now.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// Takes the interarrival jitter that the browser reports.
    pub fn handle_jitter(&mut self, jitter: Duration, now: Instant) {
        let wanted = wanted(jitter);
        if wanted + SLACK > self.delay && (wanted > Duration::ZERO || self.delay.is_zero()) {
            self.delay = self.delay.max(wanted);
            self.calm = None;
            return;
        }
        let (since, longest) = self.calm.unwrap_or((now, wanted));
        let longest = longest.max(wanted);
        if now.saturating_duration_since(since) >= PATIENCE {
            self.delay = longest;
            self.calm = None;
        } else {
            self.calm = Some((since, longest));
        }
    }
}

/// What this jitter alone asks for.
fn wanted(jitter: Duration) -> Duration {
    if jitter < CALM {
        return Duration::ZERO;
    }
    let steps = jitter.saturating_mul(COVERS).as_millis().div_ceil(STEP.as_millis());
    STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX)).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Jitter in ms for so many seconds, and the hold at the end.
    fn run(sheet: &[(u64, u64)]) -> Vec<u64> {
        #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
        let mut now = Instant::now();
        let mut playout = Playout::default();
        let hold_after = |(jitter, seconds): &(u64, u64)| {
            for _ in 0..seconds * 10 {
                now += ms(100);
                playout.handle_jitter(ms(*jitter), now);
            }
            playout.delay().as_millis() as u64
        };
        sheet.iter().map(hold_after).collect()
    }

    #[test]
    fn a_calm_path_holds_nothing_and_the_worst_one_400_ms() {
        assert_eq!(run(&[(0, 5), (4, 5)]), [0, 0]);
        assert_eq!(run(&[(5, 1)]), [20]);
        assert_eq!(run(&[(50, 1)]), [150]);
        assert_eq!(run(&[(10_000, 1)]), [400]);
    }

    #[test]
    fn it_rises_at_once_and_falls_after_ten_calm_seconds() {
        assert_eq!(run(&[(1, 3), (50, 1), (1, 9), (1, 2)]), [0, 150, 150, 0]);
        // What was wanted meanwhile is kept.
        assert_eq!(run(&[(50, 1), (1, 5), (30, 1), (1, 5)]), [150, 150, 150, 90]);
    }

    #[test]
    fn a_jitter_that_wavers_moves_nothing() {
        let sheet: Vec<_> = (0..60).map(|n| (40 + n % 3 * 4, 1)).collect();
        let holds = run(&sheet);
        assert_eq!(holds[0], 120);
        assert!(holds[2..].iter().all(|hold| *hold == 150), "{holds:?}");
    }

    #[test]
    fn a_shock_within_the_calm_begins_it_anew() {
        assert_eq!(run(&[(50, 1), (1, 8), (50, 1), (1, 8)]), [150, 150, 150, 150]);
    }
}
