//! Secrets that stand in the database, sealed: AES-256-GCM (NIST SP 800-38D), a random nonce each time.
//!
//! Who steals the database alone reads none of them: the keys stand in a file of their own, or in the environment. The
//! first key seals, every key opens, so that keys are rotated by putting a new one in front; whatever an older one sealed
//! is sealed anew at the next start. Invariant: what was sealed for one row does not open in another.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use returnfeed_protocol::{SessionId, UserId};
use secrecy::{ExposeSecret as _, SecretString};

use crate::store::{Store, StoreError};

/// What every sealed text begins with. No passphrase of ours has a dot in it.
const MARK: &str = "aesgcm.";
const KEY_LEN: usize = 32;

/// A secret as it stands in a column.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(String);

/// Whose secret it is: it opens for no other row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A session's passphrase.
    Session(SessionId),
    /// The secret of an account's authenticator.
    SecondFactor(UserId),
}

impl From<SessionId> for Row {
    fn from(session: SessionId) -> Self {
        Self::Session(session)
    }
}

/// Seals and opens.
pub struct Sealer {
    /// The first one seals; [`Sealer::new`] refuses none.
    keys: Vec<Key>,
}

struct Key {
    name: String,
    key: RandomizedNonceKey,
}

/// The keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// There is none.
    #[error("there is no key that seals secrets: write 32 random bytes in base64url into sealing-keys")]
    None,
    /// One of them is none.
    #[error("key {which} of those that seal secrets is not 32 bytes in base64url without padding")]
    Form {
        /// Counted from 1.
        which: usize,
    },
}

/// A sealed secret that does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    /// None of our keys has this name.
    #[error(
        "it is sealed with the key {key}, which this server does not have: put that key back into sealing-keys"
    )]
    KeyUnknown {
        /// Of the key that sealed it.
        key: String,
    },
    /// It was changed, or belongs to another row.
    #[error("it was changed since it was sealed, or is another row's")]
    Damaged,
}

impl Sealed {
    /// Out of a column.
    pub fn from_column(text: String) -> Self {
        Self(text)
    }

    /// Into a column.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the key and what it sealed; `None` where nothing is sealed, as in databases of before.
    fn parts(&self) -> Option<(&str, &str)> {
        self.0.strip_prefix(MARK)?.split_once('.')
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)") // what is not sealed yet would stand here
    }
}

impl Sealer {
    /// From keys of 32 bytes in base64url, one a line; the first one seals.
    ///
    /// # Errors
    /// When one of them is no key, or there is none.
    pub fn new(keys: &SecretString) -> Result<Self, BadKeys> {
        let read = |(number, text): (usize, &str)| {
            let form = || BadKeys::Form { which: number + 1 };
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| form())?;
            let bytes: [u8; KEY_LEN] = bytes.try_into().map_err(|_| form())?;
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
            let name = digest.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| form())?;
            Ok(Key { name, key })
        };
        let keys: Vec<Key> =
            keys.expose_secret().split_whitespace().enumerate().map(read).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(BadKeys::None) } else { Ok(Self { keys }) }
    }

    /// Seals what belongs to this row.
    pub fn seal(&self, row: impl Into<Row>, secret: &SecretString) -> Sealed {
        let Some(Key { name, key }) = self.keys.first() else {
            unreachable!("a sealer without keys is refused")
        };
        let mut text = secret.expose_secret().as_bytes().to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(context(row.into())), &mut text)
            .expect("AES-GCM seals any text of memory's size");
        let sealed = [&nonce.as_ref()[..], &text].concat();
        Sealed(format!("{MARK}{name}.{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Opens what was sealed for this row; one of a database of before, which nothing sealed, is given as it stands.
    ///
    /// # Errors
    /// When its key is not here, or it is not as it was sealed for this session.
    pub fn open(&self, row: impl Into<Row>, sealed: &Sealed) -> Result<SecretString, UnsealError> {
        let Some((name, text)) = sealed.parts() else { return Ok(sealed.0.clone().into()) };
        let key = self.keys.iter().find(|key| key.name == name);
        let key = key.ok_or_else(|| UnsealError::KeyUnknown { key: name.chars().take(40).collect() })?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| UnsealError::Damaged)?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or(UnsealError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| UnsealError::Damaged)?;
        let mut text = text.to_vec();
        let opened = key
            .key
            .open_in_place(nonce, Aad::from(context(row.into())), &mut text)
            .map_err(|_| UnsealError::Damaged)?;
        String::from_utf8(opened.to_vec()).map(SecretString::from).map_err(|_| UnsealError::Damaged)
    }

    /// Whether the newest key sealed it: if not, it is to be sealed anew.
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        let newest = self.keys.first().map(|key| key.name.as_str());
        sealed.parts().is_some_and(|(name, _)| Some(name) == newest)
    }
}

/// Seals with the newest key what an older one sealed, or nothing yet. What does not open stays as it is, and is said.
///
/// # Errors
/// When the database does not answer.
pub async fn seal_anew(store: &Store, sealer: &Sealer) -> Result<(), StoreError> {
    for (session, sealed) in store.passphrases().await? {
        if sealer.is_current(&sealed) {
            continue;
        }
        match sealer.open(session, &sealed) {
            Ok(passphrase) => store.reseal(session, &sealed, &sealer.seal(session, &passphrase)).await?,
            Err(error) => tracing::error!(%session, %error, "a session's passphrase does not open"),
        }
    }
    for (account, sealed) in store.factor_secrets().await? {
        if sealer.is_current(&sealed) {
            continue;
        }
        let row = Row::SecondFactor(account);
        match sealer.open(row, &sealed) {
            Ok(secret) => store.reseal_factor(account, &sealed, &sealer.seal(row, &secret)).await?,
            Err(error) => tracing::error!(%account, %error, "the secret of a second factor does not open"),
        }
    }
    Ok(())
}

/// What binds a sealed text to its row.
fn context(row: Row) -> String {
    match row {
        Row::Session(session) => format!("returnfeed passphrase {session}"),
        Row::SecondFactor(account) => format!("returnfeed second factor {account}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn session(n: u8) -> SessionId {
        SessionId::from_parts(1, [n; 10])
    }

    fn sealer(keys: &[&str]) -> Sealer {
        Sealer::new(&keys.join("\n").into()).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_its_session_alone() {
        let sealer = sealer(&[&random::text::<KEY_LEN>()]);
        let secret = SecretString::from("a passphrase of SRT");
        let sealed = sealer.seal(session(1), &secret);
        assert!(!sealed.as_str().contains("passphrase"), "{}", sealed.as_str());
        assert_eq!(sealer.open(session(1), &sealed).unwrap().expose_secret(), secret.expose_secret());
        assert_eq!(sealer.open(session(2), &sealed).unwrap_err(), UnsealError::Damaged);
        assert_ne!(sealer.seal(session(1), &secret), sealed, "a nonce is never used twice");
        let mut bent = sealed.as_str().to_owned();
        let last = if bent.pop() == Some('A') { 'B' } else { 'A' };
        bent.push(last);
        assert_eq!(sealer.open(session(1), &Sealed(bent)).unwrap_err(), UnsealError::Damaged);
        let torn = Sealed(sealed.as_str()[..24].to_owned());
        assert_eq!(sealer.open(session(1), &torn).unwrap_err(), UnsealError::Damaged);
    }

    #[test]
    fn a_new_key_in_front_seals_and_the_old_one_still_opens() {
        let (old_key, new_key) = (random::text::<KEY_LEN>(), random::text::<KEY_LEN>());
        let old = sealer(&[&old_key]);
        let sealed = old.seal(session(1), &"a passphrase".into());
        let both = sealer(&[&new_key, &old_key]);
        assert!(old.is_current(&sealed) && !both.is_current(&sealed));
        let opened = both.open(session(1), &sealed).unwrap();
        let anew = both.seal(session(1), &opened);
        assert!(both.is_current(&anew));
        let key_unknown = old.open(session(1), &anew).unwrap_err();
        assert!(matches!(&key_unknown, UnsealError::KeyUnknown { key } if anew.as_str().contains(key)));
    }

    #[test]
    fn a_passphrase_of_before_is_read_and_is_to_be_sealed() {
        let sealer = sealer(&[&random::text::<KEY_LEN>()]);
        let plain = Sealed::from_column(random::text::<24>());
        assert_eq!(sealer.open(session(1), &plain).unwrap().expose_secret(), plain.as_str());
        assert!(!sealer.is_current(&plain));
        assert!(!format!("{plain:?}").contains(plain.as_str()));
    }

    #[test]
    fn what_is_no_key_is_named_by_its_place() {
        let good = random::text::<KEY_LEN>();
        assert_eq!(Sealer::new(&" \n ".into()).err(), Some(BadKeys::None));
        for bad in ["short", "!", &random::text::<31>()] {
            let keys = format!("{good}\n{bad}\n");
            assert_eq!(Sealer::new(&keys.into()).err(), Some(BadKeys::Form { which: 2 }), "{bad}");
        }
    }
}
