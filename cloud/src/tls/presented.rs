//! What is presented to whoever connects now.
//!
//! Invariant: there always is a certificate; who looks for a proof (RFC 8737) gets that and nothing else.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::TlsError;
use super::leaf::Leaf;

const HTTP: &[u8] = b"http/1.1";
/// Whoever negotiates it looks for a proof and has nothing to ask (RFC 8737 4).
pub(crate) const ACME: &[u8] = b"acme-tls/1";

/// The certificate in use.
#[derive(Debug)]
pub(super) struct Presented {
    now: RwLock<(Arc<CertifiedKey>, Leaf)>,
    vouched: Vouched,
    /// By name.
    proofs: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

/// Whether somebody else vouches for the certificate in use; all clones say the same.
#[derive(Debug, Clone, Default)]
pub struct Vouched(Arc<AtomicBool>);

impl Vouched {
    /// Now.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A certificate and its key that are known to be usable.
pub(super) struct Pair {
    key: Arc<CertifiedKey>,
    leaf: Leaf,
}

impl Pair {
    /// # Errors
    /// When the certificate is not understood.
    pub(super) fn new(key: CertifiedKey) -> Result<Self, rustls::Error> {
        let unreadable = rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding);
        let leaf = key.cert.first().and_then(Leaf::read).ok_or(unreadable)?;
        Ok(Self { key: Arc::new(key), leaf })
    }
}

impl Presented {
    pub(super) fn new(Pair { key, leaf }: Pair) -> Self {
        let vouched = Vouched(Arc::new(AtomicBool::new(!leaf.self_signed)));
        Self { now: RwLock::new((key, leaf)), vouched, proofs: Mutex::default() }
    }

    /// From the next connection on.
    pub(super) fn replace(&self, Pair { key, leaf }: Pair) {
        self.vouched.0.store(!leaf.self_signed, Ordering::Relaxed);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = (key, leaf);
    }

    /// What the one in use says of itself.
    pub(super) fn leaf(&self) -> Leaf {
        self.now.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    pub(super) fn vouched(&self) -> Vouched {
        self.vouched.clone()
    }

    pub(super) fn put_proof(&self, name: &str, proof: CertifiedKey) {
        self.proofs().insert(name.to_owned(), Arc::new(proof));
    }

    pub(super) fn take_proof(&self, name: &str) {
        self.proofs().remove(name);
    }

    fn proofs(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<CertifiedKey>>> {
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For an acceptor that presents this.
    ///
    /// # Errors
    /// When the library does not take its own provider.
    pub(super) fn server_config(self: Arc<Self>, proves: Proves) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = builder.map_err(TlsError::Provider)?.with_no_client_auth().with_cert_resolver(self);
        if proves == Proves::ByTls {
            config.alpn_protocols = vec![HTTP.to_vec(), ACME.to_vec()];
        }
        Ok(Arc::new(config))
    }
}

/// Whether the port is where an authority looks for proofs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proves {
    ByTls,
    Elsewhere,
}

impl ResolvesServerCert for Presented {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Who looks for a proof offers this protocol and no other (RFC 8737 3).
        if hello.alpn().is_some_and(|mut offered| offered.all(|protocol| protocol == ACME)) {
            return self.proofs().get(hello.server_name()?).cloned();
        }
        Some(Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner).0))
    }
}
