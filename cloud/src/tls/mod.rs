//! The server's certificate: given as files, obtained from an authority, or made by the server itself.
//!
//! Whichever it is, it is presented through [`Presented`], so that a new one is in use from the next connection on and
//! no connection ends for it. Invariant: one crypto provider, aws-lc; a certificate that cannot be used replaces none.

mod acme;
mod files;
mod leaf;
mod presented;
mod self_signed;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use time::OffsetDateTime;

pub use self::acme::{Acme, AcmeChallenge, HttpProofs};
pub(crate) use self::presented::ACME;
pub use self::presented::Vouched;
use self::presented::{Presented, Proves};
pub use self::self_signed::{local_addresses, local_names};
use crate::config::Certificate;
use crate::data_dir::DataDir;

/// A certificate that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("cannot use {}: {cause}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} holds no {what} in PEM: {cause}", .path.display())]
    NotPem {
        /// Which.
        path: PathBuf,
        /// Certificate or private key.
        what: &'static str,
        /// Why.
        cause: rustls::pki_types::pem::Error,
    },
    /// The two do not belong together, or the key is of a kind that we do not know.
    #[error("the certificate {} and its key cannot be used together: {cause}", .path.display())]
    Unusable {
        /// The certificate.
        path: PathBuf,
        /// Why.
        cause: rustls::Error,
    },
    /// The self-signed certificate cannot be made.
    #[error("the self-signed certificate cannot be made: {0}")]
    Unmakeable(#[from] rcgen::Error),
    /// The library does not take its own provider.
    #[error("TLS cannot be set up: {0}")]
    Provider(rustls::Error),
}

/// What the server presents, and where a client finds what to trust.
pub struct Identity {
    /// For the acceptor.
    pub config: Arc<ServerConfig>,
    /// PEM.
    pub certificate: PathBuf,
    /// What answers HTTP-01 while a certificate is being obtained.
    pub proofs: HttpProofs,
    presented: Arc<Presented>,
    keeping: Keeping,
}

/// What is to be done while the server runs.
enum Keeping {
    /// Nothing: it was made at the start, for longer than that.
    Nothing,
    /// Look whether the files change.
    Files { cert: PathBuf, key: PathBuf },
    /// Have it made anew before it ends.
    Acme { acme: Acme, data: DataDir },
}

/// Reads or makes the certificate.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn identity(
    certificate: &Certificate,
    data: &DataDir,
    names: &BTreeSet<String>,
) -> Result<Identity, TlsError> {
    let (cert, key, keeping) = match certificate {
        Certificate::Files { cert, key } => {
            let keeping = Keeping::Files { cert: cert.clone(), key: key.clone() };
            (cert.clone(), key.clone(), keeping)
        }
        Certificate::SelfSigned => {
            let (cert, key) = self_signed(data, names)?;
            (cert, key, Keeping::Nothing)
        }
        Certificate::Acme(acme) => {
            let (cert, key) = obtained_or_self_signed(data, names)?;
            (cert, key, Keeping::Acme { acme: acme.clone(), data: data.clone() })
        }
    };
    let proves = match certificate {
        Certificate::Acme(Acme { challenge: AcmeChallenge::TlsAlpn01, .. }) => Proves::ByTls,
        Certificate::Acme(_) | Certificate::Files { .. } | Certificate::SelfSigned => Proves::Elsewhere,
    };
    let presented = Arc::new(Presented::new(files::pair(&cert, &key)?));
    let config = presented.clone().server_config(proves)?;
    Ok(Identity { config, certificate: cert, proofs: HttpProofs::default(), presented, keeping })
}

/// Whether a chain and a key can be used together.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn try_files(cert: &Path, key: &Path) -> Result<(), TlsError> {
    files::pair(cert, key).map(|_| ())
}

impl Identity {
    /// Whether somebody else vouches for what is presented, at any time.
    pub fn vouched(&self) -> Vouched {
        self.presented.vouched()
    }

    /// Keeps the certificate good for as long as the server runs.
    pub async fn keep(self) {
        match self.keeping {
            Keeping::Nothing => {}
            Keeping::Files { cert, key } => files::watch(&self.presented, &cert, &key).await,
            Keeping::Acme { acme, data } => acme::keep(&acme, &data, &self.presented, &self.proofs).await,
        }
    }
}

/// What an authority gave before; until it has, something of our own must answer the door.
fn obtained_or_self_signed(data: &DataDir, names: &BTreeSet<String>) -> Result<(PathBuf, PathBuf), TlsError> {
    let (cert, key) = (data.acme_certificate(), data.acme_certificate_key());
    if files::pair(&cert, &key).is_ok() { Ok((cert, key)) } else { self_signed(data, names) }
}

fn self_signed(data: &DataDir, names: &BTreeSet<String>) -> Result<(PathBuf, PathBuf), TlsError> {
    let (cert, key) = (data.certificate(), data.certificate_key());
    if !self_signed::is_good(&cert, names, OffsetDateTime::now_utc()) || files::pair(&cert, &key).is_err() {
        self_signed::make(&cert, &key, names, OffsetDateTime::now_utc())?;
    }
    Ok((cert, key))
}

#[cfg(test)]
mod tests {
    use super::self_signed::{LIVES, RENEW_BEFORE, is_good, make};
    use super::*;

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    fn made(dir: &tempfile::TempDir, wanted: &[&str]) -> String {
        let data = DataDir::open(dir.path()).unwrap();
        let identity = identity(&Certificate::SelfSigned, &data, &names(wanted)).unwrap();
        std::fs::read_to_string(identity.certificate).unwrap()
    }

    #[test]
    fn a_self_signed_certificate_is_kept_until_an_address_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let first = made(&dir, &["localhost", "192.0.2.1"]);
        assert_eq!(made(&dir, &["localhost"]), first, "an address that went away changes nothing");
        let second = made(&dir, &["localhost", "192.0.2.2"]);
        assert_ne!(second, first);
        assert_eq!(made(&dir, &["192.0.2.2"]), second);
    }

    #[test]
    fn a_certificate_near_its_end_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let (cert, key) = (dir.path().join("c.pem"), dir.path().join("k.pem"));
        let now = OffsetDateTime::now_utc();
        make(&cert, &key, &names(&["localhost"]), now).unwrap();
        assert!(is_good(&cert, &names(&["localhost"]), now));
        assert!(!is_good(&cert, &names(&["localhost"]), now + (LIVES - RENEW_BEFORE)));
    }

    #[test]
    fn a_damaged_self_signed_certificate_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = made(&dir, &["localhost"]);
        std::fs::write(dir.path().join("certificate-key.pem"), "nonsense").unwrap();
        assert_ne!(made(&dir, &["localhost"]), first);
    }

    #[test]
    fn a_file_that_is_no_certificate_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        let (cert, key) = (dir.path().join("mine.pem"), dir.path().join("mine.key"));
        let files = Certificate::Files { cert: cert.clone(), key };
        let told = |files: &Certificate| identity(files, &data, &BTreeSet::new()).err().unwrap().to_string();
        assert!(told(&files).contains("mine.pem"));
        std::fs::write(&cert, "nonsense").unwrap();
        assert!(told(&files).contains("mine."), "{}", told(&files));
    }
}
