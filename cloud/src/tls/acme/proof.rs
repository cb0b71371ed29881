//! What the authority finds when it looks whether a name is ours.
//!
//! Invariant: what was put there is taken away again, whatever came of it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use instant_acme::KeyAuthorization;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use super::error::AcmeError;
use super::hook::{self, Verb};
use crate::tls::Presented;

/// What port 80 answers below `/.well-known/acme-challenge/` (RFC 8555 8.3), by token.
#[derive(Debug, Clone, Default)]
pub struct HttpProofs(Arc<Mutex<HashMap<String, String>>>);

/// One proof that is there.
pub(super) enum Put<'a> {
    Http { proofs: &'a HttpProofs, token: String },
    Tls { presented: &'a Presented, name: String },
    Dns { hook: &'a Path, record: String, value: String },
}

impl HttpProofs {
    /// What to answer for a token.
    pub fn find(&self, token: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    pub(super) fn put(&self, token: &str, authorization: &KeyAuthorization) -> Put<'_> {
        let mut proofs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.insert(token.to_owned(), authorization.as_str().to_owned());
        Put::Http { proofs: self, token: token.to_owned() }
    }
}

/// A certificate that holds the digest (RFC 8737 3).
pub(super) fn put_tls<'a>(
    presented: &'a Presented,
    name: &str,
    authorization: &KeyAuthorization,
) -> Result<Put<'a>, AcmeError> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    let digest = authorization.digest();
    params.custom_extensions.push(CustomExtension::new_acme_identifier(digest.as_ref()));
    let pair = KeyPair::generate()?;
    let signed = params.self_signed(&pair)?;
    let key = PrivateKeyDer::Pkcs8(pair.serialize_der().into());
    // Unchecked: the library knows no certificate with this critical extension, and nobody is to believe this one.
    let key = any_supported_type(&key).map_err(AcmeError::Proof)?;
    let proof = CertifiedKey::new(vec![signed.der().clone()], key);
    presented.put_proof(name, proof);
    Ok(Put::Tls { presented, name: name.to_owned() })
}

/// A record, by the host's command.
pub(super) async fn put_dns<'a>(
    hook: &'a Path,
    name: &str,
    authorization: &KeyAuthorization,
) -> Result<Put<'a>, AcmeError> {
    let (record, value) = (format!("_acme-challenge.{name}"), authorization.dns_value());
    hook::run(hook, Verb::Set, &record, &value).await?;
    Ok(Put::Dns { hook, record, value })
}

impl Put<'_> {
    /// It has been looked at.
    pub(super) async fn take(self) {
        match self {
            Self::Http { proofs, token } => {
                proofs.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&token);
            }
            Self::Tls { presented, name } => presented.take_proof(&name),
            Self::Dns { hook, record, value } => {
                if let Err(error) = hook::run(hook, Verb::Clear, &record, &value).await {
                    tracing::warn!(%error, "a record of DNS-01 stays behind");
                }
            }
        }
    }
}
