//! How often one address may ask and be refused.
//!
//! An encoder that is refused may come back sixty times a second (srt-live-transmit does). What is counted here
//! has proven its address by the handshake's cookie, so nobody can use up another's allowance with forged
//! senders. Who has none left is not answered, and so waits for its own handshake to time out.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Remembered askers, at most; above it those who have their full allowance back are forgotten, and if none
/// has, the newcomer is let through uncounted.
const REMEMBERED: usize = 8192;

/// A token bucket for each `K`.
pub(crate) struct Allowance<K> {
    burst: f64,
    per_second: f64,
    spent: HashMap<K, Spent>,
    swept: Option<Instant>,
}

struct Spent {
    tokens: f64,
    at: Instant,
}

impl<K: Eq + Hash> Allowance<K> {
    /// `burst` at once, then one each `interval`.
    pub(crate) fn new(burst: u32, interval: Duration) -> Self {
        Self {
            burst: f64::from(burst),
            per_second: 1.0 / interval.as_secs_f64(),
            spent: HashMap::new(),
            swept: None,
        }
    }

    /// Whether `key` has anything left.
    pub(crate) fn has(&self, key: &K, now: Instant) -> bool {
        self.spent.get(key).is_none_or(|spent| self.left(spent, now) >= 1.0)
    }

    /// Takes one from `key`; false when there is none.
    pub(crate) fn take(&mut self, key: K, now: Instant) -> bool {
        if !self.spent.contains_key(&key) && self.spent.len() >= REMEMBERED {
            self.sweep(now);
            if self.spent.len() >= REMEMBERED {
                return true;
            }
        }
        let (burst, per_second) = (self.burst, self.per_second);
        let spent = self.spent.entry(key).or_insert(Spent { tokens: burst, at: now });
        let tokens = left(spent, now, burst, per_second);
        *spent = Spent { tokens: if tokens >= 1.0 { tokens - 1.0 } else { tokens }, at: now };
        tokens >= 1.0
    }

    /// Forgets who has everything back; once a second at most, for it reads the whole table.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|at| now.saturating_duration_since(at) < Duration::from_secs(1)) {
            return;
        }
        self.swept = Some(now);
        let (burst, per_second) = (self.burst, self.per_second);
        self.spent.retain(|_, spent| left(spent, now, burst, per_second) < burst);
    }

    fn left(&self, spent: &Spent, now: Instant) -> f64 {
        left(spent, now, self.burst, self.per_second)
    }
}

fn left(spent: &Spent, now: Instant, burst: f64, per_second: f64) -> f64 {
    (spent.tokens + now.saturating_duration_since(spent.at).as_secs_f64() * per_second).min(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn who_asks_too_often_waits_and_others_do_not() {
        let start = Instant::now();
        let mut allowance = Allowance::new(3, Duration::from_secs(2));
        assert!((0..3).all(|_| allowance.take("hasty", start)));
        assert!(!allowance.take("hasty", start) && !allowance.has(&"hasty", start));
        assert!(allowance.take("calm", start));
        let later = start + Duration::from_secs(2);
        assert!(allowance.has(&"hasty", later) && allowance.take("hasty", later));
        assert!(!allowance.take("hasty", later));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn a_crowd_of_addresses_does_not_fill_the_memory() {
        let start = Instant::now();
        let mut allowance = Allowance::new(1, Duration::from_secs(1));
        for key in 0..100_000_u32 {
            allowance.take(key, start);
        }
        assert_eq!(allowance.spent.len(), REMEMBERED);
    }
}
