//! The server's certificate: given as files, or self-signed and kept in the data directory.
//!
//! It refuses to make a new self-signed certificate while the old one still names every address of this machine,
//! because each new one must be trusted again on every phone. Invariant: one crypto provider, aws-lc.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::config::Certificate;
use crate::data_dir::{DataDir, Existing, write_private};

/// Browsers refuse server certificates that live longer than 398 days.
const LIVES: Duration = Duration::from_secs(397 * 86_400);
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 86_400);

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
}

/// What the server presents, and where a client finds what to trust.
pub struct Identity {
    /// For the acceptor.
    pub config: Arc<ServerConfig>,
    /// PEM.
    pub certificate: PathBuf,
}

/// What a self-signed certificate was made for; kept beside it.
#[derive(Debug, Serialize, Deserialize)]
struct MadeFor {
    names: BTreeSet<String>,
    until: i64,
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
    match certificate {
        Certificate::Files { cert, key } => load(cert, key),
        Certificate::SelfSigned => {
            let (cert, key) = (data.certificate(), data.certificate_key());
            if !is_good(&cert, names, OffsetDateTime::now_utc()) || load(&cert, &key).is_err() {
                make(&cert, &key, names, OffsetDateTime::now_utc())?;
            }
            load(&cert, &key)
        }
    }
}

/// Every name and address that somebody on this network may type: this machine's, and those of the settings.
pub fn local_names(addresses: &[IpAddr], names: &[String]) -> BTreeSet<String> {
    let mut all = BTreeSet::from(["localhost".to_owned()]);
    all.extend([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(|ip| ip.to_string()));
    all.extend(hostname());
    all.extend(local_addresses().iter().chain(addresses).map(IpAddr::to_string));
    all.extend(names.iter().cloned());
    all
}

/// The addresses of this machine that others may reach it by.
pub fn local_addresses() -> BTreeSet<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.iter().map(if_addrs::Interface::ip).filter(|ip| !is_link_local(ip)).collect()
}

fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// `studio` and `studio.local`, as zeroconf would have it.
fn hostname() -> Vec<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    match is_name {
        true if name.contains('.') => vec![name.to_owned()],
        true => vec![name.to_owned(), format!("{name}.local")],
        false => Vec::new(),
    }
}

fn beside(cert: &Path) -> PathBuf {
    cert.with_extension("json")
}

fn is_good(cert: &Path, names: &BTreeSet<String>, now: OffsetDateTime) -> bool {
    let made_for =
        std::fs::read(beside(cert)).ok().and_then(|text| serde_json::from_slice::<MadeFor>(&text).ok());
    made_for.is_some_and(|made| {
        made.names.is_superset(names) && made.until > (now + RENEW_BEFORE).unix_timestamp()
    })
}

fn make(cert: &Path, key: &Path, names: &BTreeSet<String>, now: OffsetDateTime) -> Result<(), TlsError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "ReturnFeed");
    params.subject_alt_names = names
        .iter()
        .filter_map(|name| match name.parse() {
            Ok(ip) => Some(SanType::IpAddress(ip)),
            Err(_) => name.as_str().try_into().ok().map(SanType::DnsName),
        })
        .collect();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = now - Duration::from_secs(86_400);
    params.not_after = now + LIVES;
    let pair = KeyPair::generate()?;
    let made_for = MadeFor { names: names.clone(), until: params.not_after.unix_timestamp() };
    let signed = params.self_signed(&pair)?;

    let write = |path: &Path, text: &str| {
        write_private(path, text.as_bytes(), Existing::Replace)
            .map_err(|cause| TlsError::File { path: path.to_owned(), cause })
    };
    write(key, &pair.serialize_pem())?;
    write(cert, &signed.pem())?;
    write(&beside(cert), &serde_json::to_string(&made_for).unwrap_or_default())?;
    tracing::info!(certificate = %cert.display(), ?names, "a self-signed certificate is made");
    Ok(())
}

fn load(cert: &Path, key: &Path) -> Result<Identity, TlsError> {
    let pem =
        |path: &Path| std::fs::read(path).map_err(|cause| TlsError::File { path: path.to_owned(), cause });
    let not_pem = |path: &Path, what| {
        let path = path.to_owned();
        move |cause| TlsError::NotPem { path, what, cause }
    };
    let chain = CertificateDer::pem_slice_iter(&pem(cert)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(not_pem(cert, "certificate"))?;
    let private = PrivateKeyDer::from_pem_slice(&pem(key)?).map_err(not_pem(key, "private key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
        .map_err(|cause| TlsError::Unusable { path: cert.to_owned(), cause })?;
    Ok(Identity { config: Arc::new(config), certificate: cert.to_owned() })
}

#[cfg(test)]
mod tests {
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
