//! How an account signs what it asks: ES256 by one key (RFC 7515, RFC 8555 6.2). Pure but for the library's randomness.
//!
//! It refuses to show the key: there is no `Debug` of it. Invariant: each signature is for one address and one nonce.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

/// The account's key.
pub(super) struct AccountKey {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

/// The library made or took no key.
#[derive(Debug, thiserror::Error)]
#[error("no P-256 key")]
pub(super) struct NoKey;

/// Who signs: somebody whom the authority does not know yet, or an account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signer<'a> {
    Key,
    Account(&'a str),
}

impl AccountKey {
    pub(super) fn generate() -> Result<Self, NoKey> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Self::from_pkcs8(made.map_err(|_| NoKey)?.as_ref())
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, NoKey> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(|_| NoKey)?;
        Ok(Self { pair, pkcs8: pkcs8.to_owned() })
    }

    /// As [`Self::to_text`] wrote it.
    pub(super) fn from_text(text: &str) -> Result<Self, NoKey> {
        Self::from_pkcs8(&BASE64.decode(text).map_err(|_| NoKey)?)
    }

    /// For the file that nobody else reads.
    pub(super) fn to_text(&self) -> String {
        BASE64.encode(&self.pkcs8)
    }

    /// A request's body (RFC 8555 6.2); without a payload it asks to see what is there (6.3).
    pub(super) fn sign(
        &self,
        signer: Signer<'_>,
        nonce: &str,
        url: &str,
        payload: Option<&Value>,
    ) -> Result<Value, NoKey> {
        let mut head = json!({ "alg": "ES256", "nonce": nonce, "url": url });
        match signer {
            Signer::Key => head["jwk"] = self.jwk(),
            Signer::Account(account) => head["kid"] = account.into(),
        }
        let protected = BASE64.encode(head.to_string());
        let payload = payload.map(|payload| BASE64.encode(payload.to_string())).unwrap_or_default();
        let signed = self.pair.sign(&SystemRandom::new(), format!("{protected}.{payload}").as_bytes());
        let signature = BASE64.encode(signed.map_err(|_| NoKey)?.as_ref());
        Ok(json!({ "protected": protected, "payload": payload, "signature": signature }))
    }

    /// What a proof must say (RFC 8555 8.1).
    pub(super) fn authorization(&self, token: &str) -> KeyAuthorization {
        let (x, y) = self.coordinates();
        // Its members in this order and without a space (RFC 7638 3.2).
        let jwk = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let thumbprint = BASE64.encode(digest(&SHA256, jwk.as_bytes()));
        KeyAuthorization(format!("{token}.{thumbprint}"))
    }

    fn jwk(&self) -> Value {
        let (x, y) = self.coordinates();
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    /// Of the point, which the library writes uncompressed: 4, x, y (SEC 1 2.3.3).
    fn coordinates(&self) -> (String, String) {
        let point = self.pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at(point.len() / 2);
        (BASE64.encode(x), BASE64.encode(y))
    }
}

/// The token of a challenge and whose account answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyAuthorization(String);

impl KeyAuthorization {
    /// What HTTP-01 answers.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What TLS-ALPN-01 carries.
    pub(super) fn digest(&self) -> impl AsRef<[u8]> + use<> {
        digest(&SHA256, self.0.as_bytes())
    }

    /// What the record of DNS-01 holds.
    pub(super) fn dns_value(&self) -> String {
        BASE64.encode(self.digest())
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    fn decoded(value: &Value) -> Vec<u8> {
        BASE64.decode(value.as_str().unwrap()).unwrap()
    }

    #[test]
    fn a_request_is_signed_for_its_address_and_nonce_by_the_key_that_it_names() {
        let key = AccountKey::generate().unwrap();
        let signed =
            key.sign(Signer::Key, "nonce", "https://ca.example/new", Some(&json!({ "a": 1 }))).unwrap();
        let head: Value = serde_json::from_slice(&decoded(&signed["protected"])).unwrap();
        assert_eq!((&head["nonce"], &head["url"]), (&json!("nonce"), &json!("https://ca.example/new")));
        let point = [&[4][..], &decoded(&head["jwk"]["x"]), &decoded(&head["jwk"]["y"])].concat();
        let text =
            format!("{}.{}", signed["protected"].as_str().unwrap(), signed["payload"].as_str().unwrap());
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        public.verify(text.as_bytes(), &decoded(&signed["signature"])).unwrap();
        public.verify(format!("{text}x").as_bytes(), &decoded(&signed["signature"])).unwrap_err();
    }

    #[test]
    fn an_account_is_named_and_a_key_read_again_is_the_same() {
        let key = AccountKey::generate().unwrap();
        let again = AccountKey::from_text(&key.to_text()).unwrap();
        assert_eq!(key.authorization("token"), again.authorization("token"));
        let seen = again.sign(Signer::Account("https://ca.example/acct/1"), "n", "u", None).unwrap();
        assert_eq!(seen["payload"], "");
        let head: Value = serde_json::from_slice(&decoded(&seen["protected"])).unwrap();
        assert!(head["kid"] == "https://ca.example/acct/1" && head.get("jwk").is_none());
    }
}
