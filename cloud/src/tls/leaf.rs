//! What a certificate says of itself, as far as we must know it.

use rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The first certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Host names, as they are written there.
    pub(super) names: Vec<String>,
    /// Unix time in s.
    pub(super) from: u64,
    /// Unix time in s.
    pub(super) until: u64,
    /// Whether nobody but its own key vouches for it.
    pub(super) self_signed: bool,
}

impl Leaf {
    /// Nothing where it is not understood.
    pub(super) fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?;
        let said = certificate.tbs_certificate();
        let names =
            said.get_extension::<SubjectAltName>().ok()?.map(|(_, names)| names.0).unwrap_or_default();
        let names = names.into_iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
            _ => None,
        });
        let validity = said.validity();
        Some(Self {
            names: names.collect(),
            from: validity.not_before.to_unix_duration().as_secs(),
            until: validity.not_after.to_unix_duration().as_secs(),
            self_signed: said.issuer() == said.subject(),
        })
    }

    /// Whether it names this host; a wildcard names none here, for we ask for none.
    pub(super) fn is_for(&self, name: &str) -> bool {
        self.names.iter().any(|said| said.eq_ignore_ascii_case(name))
    }
}
