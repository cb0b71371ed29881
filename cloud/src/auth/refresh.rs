//! Refresh tokens: what brings the next access token, and itself the next refresh token.
//!
//! A token is 86 characters: the id of its login, a tag that only this server makes, and a secret of 256 bits. The secret
//! of a successor is a keyed function of the secret before it, so a lost answer is given again as it was, and two tabs
//! that ask at once get the same. It refuses what it did not make before the database is asked. Invariant: nothing here
//! is kept; the database has hashes.

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::random;
use crate::store::Shown;

const ID: usize = 16;
const TAG: usize = 16;
const SECRET: usize = 32;

/// Makes them, and tells them from nonsense.
pub struct RefreshTokens {
    key: hmac::Key,
}

/// A token and what the database keeps of it.
#[derive(Debug)]
pub struct RefreshToken {
    /// The token.
    pub token: SecretString,
    /// SHA-256 of its secret.
    pub hash: String,
}

/// A token that this server made at some time, and the one that follows it.
#[derive(Debug)]
pub struct Presented {
    /// For the database.
    pub shown: Shown,
    /// For the bearer, where the database agrees.
    pub successor: SecretString,
}

impl RefreshTokens {
    /// With a key of the data directory.
    pub fn new(pepper: &SecretString) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, pepper.expose_secret().as_bytes()) }
    }

    /// The first token of a login.
    pub fn first(&self, login: Uuid) -> RefreshToken {
        let secret = random::bytes::<SECRET>();
        RefreshToken { token: self.written(login, &secret), hash: hash_of(&secret) }
    }

    /// Reads a token; `None` when this server never made it.
    pub fn read(&self, token: &str) -> Option<Presented> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, rest) = bytes.split_first_chunk::<ID>()?;
        let (tag, secret) = rest.split_first_chunk::<TAG>()?;
        let secret = <[u8; SECRET]>::try_from(secret).ok()?;
        let login = Uuid::from_bytes(*id);
        constant_time::verify_slices_are_equal(tag, &self.tag(login)).ok()?;
        let next = self.keyed(b"refresh successor", &secret);
        let shown = Shown { login, hash: hash_of(&secret), successor_hash: hash_of(&next) };
        Some(Presented { shown, successor: self.written(login, &next) })
    }

    fn written(&self, login: Uuid, secret: &[u8; SECRET]) -> SecretString {
        let mut bytes = Vec::with_capacity(ID + TAG + SECRET);
        bytes.extend(login.as_bytes());
        bytes.extend(self.tag(login));
        bytes.extend(secret);
        URL_SAFE_NO_PAD.encode(bytes).into()
    }

    /// The same in every token of a login: whoever knows a login's id, and no token of it, cannot end it by a guess.
    fn tag(&self, login: Uuid) -> [u8; TAG] {
        let whole = self.keyed(b"refresh login", login.as_bytes());
        let mut tag = [0; TAG];
        tag.copy_from_slice(&whole[..TAG]);
        tag
    }

    fn keyed(&self, what: &[u8], of: &[u8]) -> [u8; SECRET] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(what);
        context.update(of);
        let mut out = [0; SECRET];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

/// What the database keeps of a secret of 256 bits; no salt and no work, for nothing can be guessed.
pub fn hash_of(secret: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, secret);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> RefreshTokens {
        RefreshTokens::new(&"pepper".into())
    }

    #[test]
    fn a_successor_is_the_same_each_time_and_leads_on() {
        let login = Uuid::from_bytes([7; 16]);
        let first = tokens().first(login);
        let once = tokens().read(first.token.expose_secret()).unwrap();
        let again = tokens().read(first.token.expose_secret()).unwrap();
        assert_eq!((once.shown.login, &once.shown.hash), (login, &first.hash));
        assert_eq!(once.successor.expose_secret(), again.successor.expose_secret());
        let second = tokens().read(once.successor.expose_secret()).unwrap();
        assert_eq!(second.shown.hash, once.shown.successor_hash);
        assert_ne!(second.shown.successor_hash, once.shown.hash);
    }

    #[test]
    fn a_known_login_and_a_guessed_secret_are_nobody() {
        let token = tokens().first(Uuid::from_bytes([7; 16])).token;
        let bytes = URL_SAFE_NO_PAD.decode(token.expose_secret()).unwrap();
        let mut untagged = bytes.clone();
        untagged[ID..ID + TAG].fill(0);
        let mut of_another = bytes.clone();
        of_another[0] ^= 1;
        for wrong in [&untagged, &of_another, &bytes[1..].to_vec(), &[bytes, vec![0]].concat(), &Vec::new()] {
            assert!(tokens().read(&URL_SAFE_NO_PAD.encode(wrong)).is_none());
        }
        let elsewhere = RefreshTokens::new(&"another pepper".into());
        assert!(elsewhere.read(token.expose_secret()).is_none());
        assert!(tokens().read("\u{ac00}").is_none());
    }
}
