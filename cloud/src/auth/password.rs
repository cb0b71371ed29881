//! Passwords: bcrypt over an HMAC with a pepper that the database does not hold.
//!
//! It refuses to hash on the threads that carry sockets, and to let an unknown e-mail answer faster than a known
//! one. Invariant: the HMAC makes 64 characters of any password, so bcrypt's limit of 72 bytes cuts nothing off and a
//! NUL ends nothing. A password is what is read, not how it was typed: it is taken in Unicode's NFC.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use super::easy::{About, is_easy};

/// The work that a hash costs: 2 to this power. Others are verified, and hashed anew with this one.
pub const COST: u32 = 12;
/// Hashes at once; each keeps a core busy for a quarter of a second.
const AT_ONCE: usize = 2;
const QUEUE: Duration = Duration::from_secs(5);
/// The rest of a well-formed hash that no password has, so that an unknown e-mail costs the same time.
const NOBODY: &str = "$abcdefghijklmnopqrstuuO3xyBvWQy1rPvxFk7JjAMtPn5hpvC2W";

/// Hashes and compares; cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    pepper: Arc<hmac::Key>,
    cost: u32,
    slots: Arc<Semaphore>,
}

/// Whether a password was the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Right,
    /// It is, and its hash was made with another cost: hash it anew.
    RightAndOutdated,
    /// It is not, or there was no hash.
    Wrong,
}

/// A password that cannot be taken, or a moment when none can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter or longer than we take.
    #[error("a password has 8 to 128 characters")]
    Length,
    /// Among the first that a guesser tries.
    #[error(
        "this password is among the first that somebody tries who guesses; take several words of your own"
    )]
    Easy,
    /// Too many people log in at once.
    #[error("the server is busy checking passwords")]
    Busy,
}

impl Passwords {
    /// With the pepper of the data directory.
    pub fn new(pepper: &SecretString) -> Self {
        Self::with_cost(pepper, COST)
    }

    /// The same at another cost, for tests that are about something else. No setting leads here.
    pub fn with_cost(pepper: &SecretString, cost: u32) -> Self {
        let pepper = hmac::Key::new(hmac::HMAC_SHA384, pepper.expose_secret().as_bytes());
        Self { pepper: Arc::new(pepper), cost, slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The same of a password that somebody chooses, which must not be easy to guess.
    ///
    /// # Errors
    /// When it is, when it is too short or too long, or the server is busy.
    pub async fn hash_new(
        &self,
        password: &SecretString,
        about: About<'_>,
    ) -> Result<SecretString, PasswordError> {
        if !is_taken(password) {
            return Err(PasswordError::Length);
        }
        let (chosen, words) = (normal(password), about.words());
        if self.with_slot(move || is_easy(&chosen, &words)).await? {
            return Err(PasswordError::Easy);
        }
        self.hash(password).await
    }

    /// What the database keeps in a password's place.
    ///
    /// # Errors
    /// When the password is too short or too long, or the server is busy.
    pub async fn hash(&self, password: &SecretString) -> Result<SecretString, PasswordError> {
        if !is_taken(password) {
            return Err(PasswordError::Length);
        }
        let (mixed, cost) = (self.mixed(password), self.cost);
        self.with_slot(move || bcrypt::hash(mixed.expose_secret(), cost).expect("the cost is allowed").into())
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
    ) -> Result<Verdict, PasswordError> {
        let (mixed, cost) = (self.mixed(password), self.cost);
        let takeable = is_taken(password) && hash.is_some();
        let hash = hash.unwrap_or_else(|| format!("$2b${cost:02}{NOBODY}").into());
        let outdated = cost_of(&hash) != Some(cost);
        let same = move || bcrypt::verify(mixed.expose_secret(), hash.expose_secret()).unwrap_or(false);
        Ok(match self.with_slot(same).await? && takeable {
            true if outdated => Verdict::RightAndOutdated,
            true => Verdict::Right,
            false => Verdict::Wrong,
        })
    }

    fn mixed(&self, password: &SecretString) -> SecretString {
        let tag = hmac::sign(&self.pepper, normal(password).expose_secret().as_bytes());
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
    (8..=128).contains(&normal(password).expose_secret().chars().count())
}

/// However a keyboard composes Hangul or accents (NIST SP 800-63B 5.1.1.2).
fn normal(password: &SecretString) -> SecretString {
    password.expose_secret().nfc().collect::<String>().into()
}

fn cost_of(hash: &SecretString) -> Option<u32> {
    hash.expose_secret().parse::<bcrypt::HashParts>().ok().map(|parts| parts.get_cost())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Cheap where the work is not what is looked at.
    fn cheap() -> Passwords {
        Passwords::with_cost(&"pepper".into(), 4)
    }

    #[tokio::test]
    async fn a_password_is_told_from_another_beyond_the_72nd_byte_and_behind_a_nul() {
        for base in ["\u{ac00}".repeat(40), "a\0".repeat(8)] {
            let (this, other) = (format!("{base}1").into(), format!("{base}2").into());
            let hash = cheap().hash(&this).await.unwrap();
            assert_eq!(cheap().verify(&this, Some(hash.clone())).await, Ok(Verdict::Right));
            assert_eq!(cheap().verify(&other, Some(hash.clone())).await, Ok(Verdict::Wrong));
            let stolen = Passwords::with_cost(&"another pepper".into(), 4);
            assert_eq!(
                stolen.verify(&this, Some(hash)).await,
                Ok(Verdict::Wrong),
                "the pepper is part of it"
            );
        }
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_its_hangul_is_composed() {
        let (composed, apart) = (
            "\u{bc29}\u{c1a1}\u{c911}-live",
            "\u{1107}\u{1161}\u{11bc}\u{1109}\u{1169}\u{11bc}\u{110c}\u{116e}\u{11bc}-live",
        );
        let hash = cheap().hash(&composed.into()).await.unwrap();
        assert_eq!(cheap().verify(&apart.into(), Some(hash)).await, Ok(Verdict::Right));
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_right_and_outdated() {
        let hash = Passwords::with_cost(&"pepper".into(), 5).hash(&"correct horse".into()).await.unwrap();
        let verdict = cheap().verify(&"correct horse".into(), Some(hash.clone())).await;
        assert_eq!(verdict, Ok(Verdict::RightAndOutdated));
        assert_eq!(cheap().verify(&"wrong horse".into(), Some(hash)).await, Ok(Verdict::Wrong));
        assert_eq!(cheap().verify(&"wrong horse".into(), Some("no hash".into())).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn seven_characters_and_a_hundred_and_twenty_nine_are_refused() {
        for length in [7, 129] {
            let refused = cheap().hash(&"x".repeat(length).into()).await;
            assert_eq!(refused.map(|_| ()), Err(PasswordError::Length), "{length}");
        }
    }

    #[tokio::test]
    async fn a_password_that_is_chosen_is_no_easy_one() {
        let about = About { email: "ada@example.org", name: "Ada" };
        let chosen = async |password: &str| cheap().hash_new(&password.into(), about).await.map(drop);
        assert_eq!(chosen("password1").await, Err(PasswordError::Easy));
        assert_eq!(chosen("short").await, Err(PasswordError::Length));
        assert_eq!(chosen("correct horse").await, Ok(()));
    }

    #[tokio::test]
    async fn an_unknown_account_costs_the_same_work() {
        assert!(bcrypt::verify("x", &format!("$2b$12{NOBODY}")).is_ok(), "the stand-in is well formed");
        let passwords = Passwords::new(&"pepper".into());
        let password = "correct horse".into();
        let hash = passwords.hash(&password).await.unwrap();
        let start = Instant::now();
        passwords.verify(&password, Some(hash)).await.unwrap();
        let known = start.elapsed();
        let start = Instant::now();
        assert_eq!(passwords.verify(&password, None).await, Ok(Verdict::Wrong));
        // A stand-in that was passed over would take microseconds; the bound is wide for a busy machine.
        assert!(start.elapsed() > known / 10, "{:?} against {known:?}", start.elapsed());
    }
}
