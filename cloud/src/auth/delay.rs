//! Guesses that cost the guesser time: after some that are free, each failure doubles the wait before the next try.
//!
//! It refuses before the guess is looked at, and a try that comes too early is not counted, so that nobody is locked out
//! by impatience. Invariant: what it remembers is bounded; under a flood from many addresses it forgets the oldest first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::TooMany;

const REMEMBERED: usize = 10_000;

/// How fast the wait grows.
#[derive(Debug, Clone, Copy)]
pub struct Growth {
    /// So many failures cost nothing.
    pub free: u32,
    /// The wait doubles from one second up to this. What was quiet for twice as long is forgotten.
    pub longest: Duration,
}

/// Counts failures by key.
pub struct Delay<K> {
    growth: Growth,
    counted: Mutex<HashMap<K, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl<K: Eq + Hash + Clone> Delay<K> {
    /// Nothing counted yet.
    pub fn new(growth: Growth) -> Self {
        Self { growth, counted: Mutex::default() }
    }

    /// Counts a try as a failure until it is forgiven, so that tries at the same time are all counted.
    ///
    /// # Errors
    /// When it comes too early; this try is not counted.
    pub fn attempt(&self, key: K, now: Instant) -> Result<(), TooMany> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = |failures: &Failures| now.saturating_duration_since(failures.last);
        let forgotten = |failures: &Failures| quiet(failures) >= self.growth.longest * 2;
        if counted.len() >= REMEMBERED && !counted.contains_key(&key) {
            counted.retain(|_, failures| !forgotten(failures));
            if counted.len() >= REMEMBERED {
                let oldest =
                    counted.iter().min_by_key(|(_, failures)| failures.last).map(|(key, _)| key.clone());
                oldest.map(|oldest| counted.remove(&oldest));
            }
        }
        let failures = counted.entry(key).or_insert(Failures { count: 0, last: now });
        if forgotten(failures) {
            failures.count = 0;
        }
        let left = self.wait(failures.count).saturating_sub(quiet(failures));
        if !left.is_zero() {
            return Err(TooMany {
                retry_after: u32::try_from(left.as_secs()).unwrap_or(u32::MAX).saturating_add(1),
            });
        }
        *failures = Failures { count: failures.count.saturating_add(1), last: now };
        Ok(())
    }

    /// The try succeeded: it does not count, and those before it do.
    pub fn forgive(&self, key: &K) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = counted.get_mut(key) {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    /// The try succeeded, and all before it are forgotten.
    pub fn forget(&self, key: &K) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// What must pass after so many failures.
    fn wait(&self, count: u32) -> Duration {
        match count.checked_sub(self.growth.free) {
            None => Duration::ZERO,
            Some(over) => Duration::from_secs(1_u64 << over.min(32)).min(self.growth.longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWTH: Growth = Growth { free: 3, longest: Duration::from_secs(60) };

    #[test]
    fn three_failures_are_free_and_each_more_doubles_the_wait() {
        let (delay, mut now) = (Delay::new(GROWTH), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..12 {
            while let Err(TooMany { retry_after }) = delay.attempt("ada", now) {
                assert_eq!(delay.attempt("bob", now), Ok(()), "another one does not wait");
                delay.forget(&"bob");
                waits.push(retry_after - 1);
                now += Duration::from_secs(u64::from(retry_after - 1));
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn a_success_is_forgiven_alone_or_forgets_all_and_so_does_a_long_quiet() {
        let (delay, now) = (Delay::new(GROWTH), Instant::now());
        let fail = |times, now| (0..times).for_each(|_| delay.attempt("ada", now).unwrap());
        fail(3, now);
        assert!(delay.attempt("ada", now).is_err());
        delay.forgive(&"ada");
        fail(1, now);
        assert!(delay.attempt("ada", now).is_err());
        delay.forget(&"ada");
        fail(3, now);
        fail(3, now + GROWTH.longest * 2);
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_forgets_the_oldest() {
        let (delay, now) = (Delay::new(GROWTH), Instant::now());
        for n in 0..REMEMBERED as u64 + 10 {
            delay.attempt(n, now + Duration::from_micros(n)).unwrap();
        }
        let counted = delay.counted.lock().unwrap();
        assert_eq!(counted.len(), REMEMBERED);
        assert!(!counted.contains_key(&0) && counted.contains_key(&(REMEMBERED as u64 + 9)));
    }
}
