//! The keys that sign tokens: one that signs, and those before it, which only verify until their tokens have expired.
//!
//! It refuses a key that is not Ed25519: each key has one algorithm (RFC 8725 3.1). Invariant: a key's id is a digest of
//! its public half, so two keys never share one.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use returnfeed_protocol::{PublicKey, PublicKeys};
use secrecy::{ExposeSecret as _, SecretString};

/// A key of this server.
pub(super) struct Key {
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    pub(super) kid: String,
    /// Its public half, in base64url.
    x: String,
}

/// Every key whose tokens are good.
pub struct Keys {
    pub(super) newest: Key,
    before: Vec<Key>,
}

/// The PEM is not an Ed25519 key.
#[derive(Debug, thiserror::Error)]
#[error("the token key is not an Ed25519 key in PKCS#8 PEM: {0}")]
pub struct BadKey(String);

impl Keys {
    /// From private keys in PKCS#8 PEM.
    ///
    /// # Errors
    /// When one is not an Ed25519 key.
    pub fn new(newest: &SecretString, before: &[SecretString]) -> Result<Self, BadKey> {
        let before = before.iter().map(Key::from_pem).collect::<Result<_, _>>()?;
        Ok(Self { newest: Key::from_pem(newest)?, before })
    }

    /// What others verify with.
    pub(super) fn public(&self) -> PublicKeys {
        let all = std::iter::once(&self.newest).chain(&self.before);
        PublicKeys { keys: all.map(|key| PublicKey::ed25519(key.kid.clone(), key.x.clone())).collect() }
    }

    /// The key of this id.
    pub(super) fn of(&self, kid: &str) -> Option<&Key> {
        std::iter::once(&self.newest).chain(&self.before).find(|key| key.kid == kid)
    }
}

impl Key {
    fn from_pem(private: &SecretString) -> Result<Self, BadKey> {
        let pem = private.expose_secret();
        let key = rcgen::KeyPair::from_pem(pem).map_err(|error| BadKey(error.to_string()))?;
        let bad = |error: jsonwebtoken::errors::Error| BadKey(error.to_string());
        let encoding = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(bad)?;
        let decoding = DecodingKey::from_ed_pem(key.public_key_pem().as_bytes()).map_err(bad)?;
        let digest = digest::digest(&digest::SHA256, key.public_key_raw());
        let kid = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let x = URL_SAFE_NO_PAD.encode(key.public_key_raw());
        Ok(Self { encoding, decoding, kid, x })
    }
}
