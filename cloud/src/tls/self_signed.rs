//! The certificate that the server makes for itself, kept in the data directory.
//!
//! It refuses to make a new one while the old one still names every address of this machine, because each new one must
//! be trusted again on every phone.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::TlsError;
use crate::data_dir::{Existing, write_private};

/// Browsers refuse server certificates that live longer than 398 days.
pub(super) const LIVES: Duration = Duration::from_secs(397 * 86_400);
pub(super) const RENEW_BEFORE: Duration = Duration::from_secs(30 * 86_400);

/// What a self-signed certificate was made for; kept beside it.
#[derive(Debug, Serialize, Deserialize)]
struct MadeFor {
    names: BTreeSet<String>,
    until: i64,
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

/// Whether what was made once still names all of these, and for a while.
pub(super) fn is_good(cert: &Path, names: &BTreeSet<String>, now: OffsetDateTime) -> bool {
    let made_for =
        std::fs::read(beside(cert)).ok().and_then(|text| serde_json::from_slice::<MadeFor>(&text).ok());
    made_for.is_some_and(|made| {
        made.names.is_superset(names) && made.until > (now + RENEW_BEFORE).unix_timestamp()
    })
}

/// Makes it anew.
pub(super) fn make(
    cert: &Path,
    key: &Path,
    names: &BTreeSet<String>,
    now: OffsetDateTime,
) -> Result<(), TlsError> {
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
