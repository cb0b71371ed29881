//! Passwords: bcrypt, cost 12, over an HMAC with a pepper that the database does not hold.
//!
//! It refuses to hash on the threads that carry sockets, and to let an unknown e-mail answer faster than a known
//! one. Invariant: the HMAC makes 64 characters of any password, so bcrypt's limit of 72 bytes cuts nothing off.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

const COST: u32 = 12;
/// Hashes at once; each keeps a core busy for a quarter of a second.
const AT_ONCE: usize = 2;
const QUEUE: Duration = Duration::from_secs(5);
/// A well-formed hash that no password has, so that an unknown e-mail costs the same time.
const NOBODY: &str = "$2b$12$abcdefghijklmnopqrstuuO3xyBvWQy1rPvxFk7JjAMtPn5hpvC2W";

/// Hashes and compares; cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    pepper: Arc<hmac::Key>,
    slots: Arc<Semaphore>,
}

/// A password that cannot be taken, or a moment when none can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter or longer than we take.
    #[error("a password has 8 to 128 characters")]
    Length,
    /// Too many people log in at once.
    #[error("the server is busy checking passwords")]
    Busy,
}

impl Passwords {
    /// With the pepper of the data directory.
    pub fn new(pepper: &SecretString) -> Self {
        let pepper = hmac::Key::new(hmac::HMAC_SHA384, pepper.expose_secret().as_bytes());
        Self { pepper: Arc::new(pepper), slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// What the database keeps in a password's place.
    ///
    /// # Errors
    /// When the password is too short or too long, or the server is busy.
    pub async fn hash(&self, password: &SecretString) -> Result<SecretString, PasswordError> {
        if !is_taken(password) {
            return Err(PasswordError::Length);
        }
        let mixed = self.mixed(password);
        self.with_slot(move || bcrypt::hash(mixed.expose_secret(), COST).expect("cost 12 is allowed").into())
            .await
    }

    /// Whether the password is the one that was hashed; without a hash it is not, in the same time.
    ///
    /// # Errors
    /// When the server is busy.
    pub async fn verify(
        &self,
        password: &SecretString,
        hash: Option<SecretString>,
    ) -> Result<bool, PasswordError> {
        let mixed = self.mixed(password);
        let takeable = is_taken(password) && hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.into());
        let same = move || bcrypt::verify(mixed.expose_secret(), hash.expose_secret()).unwrap_or(false);
        Ok(self.with_slot(same).await? && takeable)
    }

    fn mixed(&self, password: &SecretString) -> SecretString {
        let tag = hmac::sign(&self.pepper, password.expose_secret().as_bytes());
        STANDARD_NO_PAD.encode(tag).into()
    }

    async fn with_slot<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let slot = tokio::time::timeout(QUEUE, Arc::clone(&self.slots).acquire_owned()).await;
        let slot = slot.map_err(|_| PasswordError::Busy)?.expect("the semaphore is never closed");
        let work = move || {
            let _slot = slot; // held until the hash is done, also when nobody waits for it any more
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| PasswordError::Busy)
    }
}

fn is_taken(password: &SecretString) -> bool {
    (8..=128).contains(&password.expose_secret().chars().count())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(&"pepper".into())
    }

    #[tokio::test]
    async fn a_password_is_told_from_another_beyond_the_72nd_byte() {
        let base = "\u{ac00}".repeat(40);
        let (this, other) = (format!("{base}1").into(), format!("{base}2").into());
        let hash = passwords().hash(&this).await.unwrap();
        assert_eq!(passwords().verify(&this, Some(hash.clone())).await, Ok(true));
        assert_eq!(passwords().verify(&other, Some(hash.clone())).await, Ok(false));
        let stolen = Passwords::new(&"another pepper".into());
        assert_eq!(stolen.verify(&this, Some(hash)).await, Ok(false), "the pepper is part of it");
    }

    #[tokio::test]
    async fn seven_characters_and_a_hundred_and_twenty_nine_are_refused() {
        for length in [7, 129] {
            let refused = passwords().hash(&"x".repeat(length).into()).await;
            assert_eq!(refused.map(|_| ()), Err(PasswordError::Length), "{length}");
        }
    }

    #[tokio::test]
    async fn an_unknown_account_costs_the_same_work() {
        assert!(bcrypt::verify("x", NOBODY).is_ok(), "the stand-in is well formed");
        let passwords = passwords();
        let password = "correct horse".into();
        let hash = passwords.hash(&password).await.unwrap();
        let start = Instant::now();
        passwords.verify(&password, Some(hash)).await.unwrap();
        let known = start.elapsed();
        let start = Instant::now();
        assert_eq!(passwords.verify(&password, None).await, Ok(false));
        // A stand-in that was passed over would take microseconds; the bound is wide for a busy machine.
        assert!(start.elapsed() > known / 10, "{:?} against {known:?}", start.elapsed());
    }
}
