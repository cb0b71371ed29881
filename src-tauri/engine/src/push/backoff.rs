//! How long to wait before trying again. Pure; randomness is given.
//!
//! Invariant: each wait lies between half and the whole of its step, and a step never exceeds the longest.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// The shortest step.
const MIN: Duration = Duration::from_millis(250);
/// The longest step.
const MAX: Duration = Duration::from_secs(5);

/// Waits that double, jittered so that many directors do not come back in one instant.
#[derive(Debug)]
pub struct Backoff {
    step: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { step: MIN }
    }
}

impl Backoff {
    /// It worked: the next failure waits the shortest step again.
    pub fn reset(&mut self) {
        self.step = MIN;
    }

    /// The next wait. `random` is any number, evenly spread.
    pub fn next(&mut self, random: u64) -> Duration {
        let half = self.step / 2;
        let jitter = half.mul_f64((random >> 11) as f64 / (1u64 << 53) as f64);
        self.step = (self.step * 2).min(MAX);
        half + jitter
    }
}

/// A random number from the standard library's hash seeds: good enough to spread retries, for nothing else.
pub fn spread() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_quarter_second_to_five_and_begin_again_after_success() {
        let mut backoff = Backoff::default();
        let longest: Vec<u128> = (0..7).map(|_| backoff.next(u64::MAX).as_millis()).collect();
        assert_eq!(longest, [250, 500, 1000, 2000, 4000, 5000, 5000]);
        backoff.reset();
        assert_eq!(backoff.next(0), Duration::from_millis(125));
    }
}
