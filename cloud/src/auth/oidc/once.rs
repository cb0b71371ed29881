//! Things kept for a few minutes under a random name and handed out once.
//!
//! It refuses a second taking. Invariant: what is kept is bounded; a flood pushes out the oldest, and that flood is
//! throttled by whoever puts things here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use crate::clock::Clock;
use crate::random;

/// Far more than people sign in within some minutes.
const AT_ONCE: usize = 5_000;

/// What was not taken yet.
pub struct Once<T> {
    kept: Mutex<HashMap<String, Kept<T>>>,
    lives: Duration,
    clock: Clock,
}

struct Kept<T> {
    value: T,
    expires_at: u64,
}

impl<T> Once<T> {
    /// Nothing yet; each thing is kept for so long.
    pub fn new(lives: Duration, clock: Clock) -> Self {
        Self { kept: Mutex::default(), lives, clock }
    }

    /// Keeps it under a new name of 192 random bits.
    pub fn put(&self, value: T) -> SecretString {
        let name = random::text::<24>();
        self.put_as(name.clone(), value);
        name.into()
    }

    /// Keeps it under a name that is random already.
    pub fn put_as(&self, name: String, value: T) {
        let now = self.clock.unix_ms();
        let mut kept = self.lock();
        kept.retain(|_, one| one.expires_at > now);
        if kept.len() >= AT_ONCE {
            let oldest = kept.iter().min_by_key(|(_, one)| one.expires_at).map(|(name, _)| name.clone());
            oldest.map(|name| kept.remove(&name));
        }
        let lives = u64::try_from(self.lives.as_millis()).unwrap_or(u64::MAX);
        kept.insert(name, Kept { value, expires_at: now.saturating_add(lives) });
    }

    /// What has this name; it is gone then.
    pub fn take(&self, name: &str) -> Option<T> {
        let one = self.lock().remove(name)?;
        (one.expires_at > self.clock.unix_ms()).then_some(one.value)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept<T>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Once<T> {
    /// What has this name; it stays, for whoever may try again.
    pub fn look(&self, name: &str) -> Option<T> {
        let now = self.clock.unix_ms();
        self.lock().get(name).filter(|one| one.expires_at > now).map(|one| one.value.clone())
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn it_is_looked_at_as_often_as_one_likes_and_taken_once() {
        let once = Once::new(MINUTE, Clock::default());
        let name = once.put(7);
        assert_eq!((once.look(name.expose_secret()), once.look("another")), (Some(7), None));
        assert_eq!((once.take(name.expose_secret()), once.take(name.expose_secret())), (Some(7), None));
    }

    #[test]
    fn it_is_nothing_when_its_time_is_over() {
        let clock = Clock::default();
        let once = Once::new(MINUTE, clock.clone());
        let (first, second) = (once.put(1), once.put(2));
        clock.advance(MINUTE);
        assert_eq!((once.look(first.expose_secret()), once.take(second.expose_secret())), (None, None));
    }

    #[test]
    fn a_flood_pushes_out_the_oldest_and_takes_no_more_room() {
        let clock = Clock::default();
        let once = Once::new(MINUTE, clock.clone());
        let oldest = once.put(0);
        clock.advance(Duration::from_millis(1));
        for n in 1..=AT_ONCE {
            once.put(n);
        }
        assert_eq!(once.look(oldest.expose_secret()), None);
        assert_eq!(once.lock().len(), AT_ONCE);
    }
}
