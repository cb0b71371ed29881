//! A certificate and its key out of two files, read again when they change.
//!
//! It refuses to take what cannot be used: then the old one stays, and the log says what is wrong. Whoever renews writes
//! two files and not at once, so a pair that does not fit together is looked at again.

use std::path::Path;
use std::time::{Duration, SystemTime};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use tokio::time::{MissedTickBehavior, interval};

use super::TlsError;
use super::presented::{Pair, Presented};

/// A renewal is hours ahead of the end; nobody waits for this.
const LOOK: Duration = Duration::from_secs(5);

/// What changes when a file is written: also where a link is set to another file.
type Stamp = Option<(SystemTime, u64)>;

/// The pair in these files.
pub(super) fn pair(cert: &Path, key: &Path) -> Result<Pair, TlsError> {
    let pem =
        |path: &Path| std::fs::read(path).map_err(|cause| TlsError::File { path: path.to_owned(), cause });
    from_pem(&pem(cert)?, &pem(key)?, cert, key)
}

/// The pair in these texts, which came from, or go to, these files.
pub(super) fn from_pem(chain: &[u8], private: &[u8], cert: &Path, key: &Path) -> Result<Pair, TlsError> {
    let not_pem = |path: &Path, what| {
        let path = path.to_owned();
        move |cause| TlsError::NotPem { path, what, cause }
    };
    let chain = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(not_pem(cert, "certificate"))?;
    if chain.is_empty() {
        return Err(not_pem(cert, "certificate")(rustls::pki_types::pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_slice(private).map_err(not_pem(key, "private key"))?;
    CertifiedKey::from_der(chain, private, &rustls::crypto::aws_lc_rs::default_provider())
        .and_then(Pair::new)
        .map_err(|cause| TlsError::Unusable { path: cert.to_owned(), cause })
}

/// Presents what stands in the files, whenever it changes.
pub(super) async fn watch(presented: &Presented, cert: &Path, key: &Path) {
    let mut seen = [stamp(cert), stamp(key)];
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let now = [stamp(cert), stamp(key)];
        if now == seen {
            continue;
        }
        seen = now;
        match pair(cert, key) {
            Ok(pair) => {
                presented.replace(pair);
                tracing::info!(certificate = %cert.display(), "the certificate has changed and is in use");
            }
            Err(error) => tracing::warn!(%error, "the certificate has changed and the old one stays in use"),
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}
