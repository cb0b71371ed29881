//! Throttling of guesses: so many failures in so long, for each thing counted.
//!
//! It refuses before the guess is looked at. Invariant: what it remembers is bounded; under a flood from many
//! addresses it forgets the oldest first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const REMEMBERED: usize = 10_000;

/// How much is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// So many failures ...
    pub failures: u32,
    /// ... in so long.
    pub within: Duration,
}

/// Counts failures by key.
pub struct Throttle<K> {
    failures: AtomicU32,
    within: Duration,
    counted: Mutex<HashMap<K, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    failures: u32,
}

/// Too many failures; worth asking again after so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// Seconds.
    pub retry_after: u32,
}

impl<K: Eq + Hash + Clone> Throttle<K> {
    /// Nothing counted yet.
    pub fn new(allowance: Allowance) -> Self {
        let Allowance { failures, within } = allowance;
        Self { failures: failures.into(), within, counted: Mutex::default() }
    }

    /// Allows so many from now on.
    pub fn allow(&self, failures: u32) {
        self.failures.store(failures, Ordering::Relaxed);
    }

    /// Counts a try as a failure until it is forgiven, so that tries at the same time are all counted.
    ///
    /// # Errors
    /// When the key failed too often; this try is not counted.
    pub fn attempt(&self, key: K, now: Instant) -> Result<(), TooMany> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |window: &Window| self.within.saturating_sub(now.saturating_duration_since(window.since));
        if counted.len() >= REMEMBERED && !counted.contains_key(&key) {
            counted.retain(|_, window| !left(window).is_zero());
            if counted.len() >= REMEMBERED {
                let oldest =
                    counted.iter().min_by_key(|(_, window)| window.since).map(|(key, _)| key.clone());
                oldest.map(|key| counted.remove(&key));
            }
        }
        let window = counted.entry(key).or_insert(Window { since: now, failures: 0 });
        if left(window).is_zero() {
            *window = Window { since: now, failures: 0 };
        }
        if window.failures >= self.failures.load(Ordering::Relaxed) {
            let seconds = u32::try_from(left(window).as_secs()).unwrap_or(u32::MAX);
            return Err(TooMany { retry_after: seconds.saturating_add(1) });
        }
        window.failures += 1;
        Ok(())
    }

    /// The try succeeded: it alone is not counted.
    pub fn forgive(&self, key: &K) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = counted.get_mut(key) {
            window.failures = window.failures.saturating_sub(1);
        }
    }

    /// The try succeeded, and all before it are forgotten.
    pub fn forget(&self, key: &K) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWANCE: Allowance = Allowance { failures: 3, within: Duration::from_secs(60) };

    fn exhausted(now: Instant) -> Throttle<&'static str> {
        let throttle = Throttle::new(ALLOWANCE);
        for _ in 0..3 {
            assert_eq!(throttle.attempt("ada", now), Ok(()));
        }
        throttle
    }

    #[test]
    fn the_fourth_try_waits_until_the_window_has_passed() {
        let now = Instant::now();
        let throttle = exhausted(now);
        let soon = now + Duration::from_secs(20);
        assert_eq!(throttle.attempt("ada", soon), Err(TooMany { retry_after: 41 }));
        assert_eq!(throttle.attempt("bob", soon), Ok(()));
        assert_eq!(throttle.attempt("ada", now + ALLOWANCE.within), Ok(()));
    }

    #[test]
    fn a_success_is_forgiven_alone_or_forgets_all() {
        let now = Instant::now();
        let throttle = exhausted(now);
        throttle.forgive(&"ada");
        assert_eq!(throttle.attempt("ada", now), Ok(()));
        assert!(throttle.attempt("ada", now).is_err());
        throttle.forget(&"ada");
        assert_eq!(throttle.attempt("ada", now), Ok(()));
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_forgets_the_oldest() {
        let (throttle, now) = (Throttle::new(ALLOWANCE), Instant::now());
        for n in 0..REMEMBERED as u64 + 10 {
            throttle.attempt(n, now + Duration::from_micros(n)).unwrap();
        }
        let counted = throttle.counted.lock().unwrap();
        assert_eq!(counted.len(), REMEMBERED);
        assert!(!counted.contains_key(&0) && counted.contains_key(&(REMEMBERED as u64 + 9)));
    }
}
