//! The public halves of the keys that sign tokens, as a JSON Web Key Set (RFC 7517, RFC 8037).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Answer to `GET /.well-known/jwks.json`: every key whose tokens are good.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PublicKeys {
    /// The newest, which signs, first.
    pub keys: Vec<PublicKey>,
}

/// One of them, of Ed25519.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct PublicKey {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// `EdDSA`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub purpose: String,
    /// What a token's header names it by.
    pub kid: String,
    /// The key, base64url.
    pub x: String,
}

impl PublicKey {
    /// A key of 32 bytes, in base64url.
    pub fn ed25519(kid: String, x: String) -> Self {
        let word = |word: &str| word.to_owned();
        Self { kty: word("OKP"), crv: word("Ed25519"), alg: word("EdDSA"), purpose: word("sig"), kid, x }
    }
}
