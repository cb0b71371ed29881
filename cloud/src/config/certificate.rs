//! The one way to a certificate that is meant.
//!
//! It refuses two at once, and a way to prove names without what it takes.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::{Certificate, ConfigError};
use crate::tls::{Acme, AcmeChallenge};

/// The authority that most hosts have heard of.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// After a first failure.
const RETRY: Duration = Duration::from_secs(60);

/// What was said of it.
pub(super) struct SaidCertificate {
    pub(super) files: (Option<PathBuf>, Option<PathBuf>),
    pub(super) challenge: Option<AcmeChallenge>,
    pub(super) contact: Option<String>,
    pub(super) directory: Option<String>,
    pub(super) authority: Option<PathBuf>,
    pub(super) dns_hook: Option<PathBuf>,
}

impl SaidCertificate {
    pub(super) fn decide(self, names: &[String], has_http: bool) -> Result<Certificate, ConfigError> {
        let Some(challenge) = self.challenge else { return self.without_authority() };
        if self.files != (None, None) {
            return Err(ConfigError::TwoCertificates);
        }
        if names.is_empty() || names.iter().any(|name| name.parse::<IpAddr>().is_ok()) {
            return Err(ConfigError::AcmeWithoutName);
        }
        match challenge {
            AcmeChallenge::Http01 if !has_http => return Err(needs("http-01", "http_port")),
            AcmeChallenge::Dns01 if self.dns_hook.is_none() => return Err(needs("dns-01", "acme_dns_hook")),
            AcmeChallenge::Http01 | AcmeChallenge::TlsAlpn01 | AcmeChallenge::Dns01 => {}
        }
        Ok(Certificate::Acme(Acme {
            names: names.to_owned(),
            contact: self.contact,
            directory: self.directory.unwrap_or_else(|| LETS_ENCRYPT.to_owned()),
            authority: self.authority,
            challenge,
            dns_hook: self.dns_hook,
            retry: RETRY,
        }))
    }

    fn without_authority(self) -> Result<Certificate, ConfigError> {
        let idle = [
            (self.contact.is_some(), "acme_contact"),
            (self.directory.is_some(), "acme_directory"),
            (self.authority.is_some(), "acme_authority"),
            (self.dns_hook.is_some(), "acme_dns_hook"),
        ];
        if let Some((_, name)) = idle.into_iter().find(|(said, _)| *said) {
            return Err(ConfigError::AcmeOff(name));
        }
        match self.files {
            (Some(cert), Some(key)) => Ok(Certificate::Files { cert, key }),
            (None, None) => Ok(Certificate::SelfSigned),
            (Some(_), None) | (None, Some(_)) => Err(ConfigError::HalfCertificate),
        }
    }
}

fn needs(challenge: &'static str, setting: &'static str) -> ConfigError {
    ConfigError::AcmeNeeds { challenge, setting }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(challenge: Option<AcmeChallenge>) -> SaidCertificate {
        let files = (None, None);
        SaidCertificate { files, challenge, contact: None, directory: None, authority: None, dns_hook: None }
    }

    fn told(said: SaidCertificate, names: &[&str], has_http: bool) -> String {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        said.decide(&names, has_http).unwrap_err().to_string()
    }

    #[test]
    fn acme_needs_a_name_and_what_its_challenge_takes() {
        let (http, tls, dns) = (AcmeChallenge::Http01, AcmeChallenge::TlsAlpn01, AcmeChallenge::Dns01);
        let name = ["feed.example"];
        assert!(told(said(Some(tls)), &[], true).contains("public_name"));
        assert!(told(said(Some(tls)), &["192.0.2.1"], true).contains("public_name"));
        assert!(told(said(Some(http)), &name, false).contains("http_port"));
        assert!(told(said(Some(dns)), &name, true).contains("acme_dns_hook"));
        let files = (Some("a".into()), Some("b".into()));
        assert!(told(SaidCertificate { files, ..said(Some(tls)) }, &name, true).contains("one of them"));
        let contact = Some("ada@example.org".to_owned());
        assert!(told(SaidCertificate { contact, ..said(None) }, &name, true).contains("acme_challenge"));
        let Ok(Certificate::Acme(acme)) = said(Some(http)).decide(&["feed.example".to_owned()], true) else {
            panic!("no ACME")
        };
        assert_eq!((acme.directory.as_str(), acme.names), (LETS_ENCRYPT, vec!["feed.example".to_owned()]));
    }
}
