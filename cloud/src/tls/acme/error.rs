//! Why there is no new certificate, by culprit: the way there, the authority, the host's settings, us.

use std::path::PathBuf;
use std::time::Duration;

use instant_acme::{Error, Problem};

use super::AcmeChallenge;
use super::order::LONGEST;
use crate::outbound::OutboundError;
use crate::tls::TlsError;

#[derive(Debug, thiserror::Error)]
pub(super) enum AcmeError {
    #[error("the authority cannot be asked ({0}); see acme_directory and this machine's way to it")]
    Away(String),
    #[error("the authority took longer than {} s; it is asked again", .0.as_secs())]
    Late(Duration),
    #[error("the authority refuses: {0}")]
    Refused(String),
    #[error("what the authority says is not understood: {0}; see that acme_directory is an ACME server's")]
    NotUnderstood(String),
    #[error("the authority could not see that {names} belongs here: {why}; {}", .challenge.remedy())]
    NotProven { names: String, challenge: AcmeChallenge, why: String },
    #[error("the authority does not take {} for {name}; set acme_challenge to another", .wanted.name())]
    NotOffered { name: String, wanted: AcmeChallenge },
    #[error("acme_dns_hook {} {verb} {record}: {why}", .hook.display())]
    Hook { hook: PathBuf, verb: &'static str, record: String, why: String },
    #[error("no authorities to trust ({why}); see acme_authority, or install ca-certificates")]
    Roots { why: String },
    #[error("the account's key cannot be made, read or used")]
    Key,
    #[error("cannot use {}: {cause}", .path.display())]
    File { path: PathBuf, cause: std::io::Error },
    #[error("{} is no ACME account: {cause}; remove it and another is made", .path.display())]
    Account { path: PathBuf, cause: serde_json::Error },
    #[error("a key or a request cannot be made: {0}")]
    Unmakeable(#[from] rcgen::Error),
    #[error("a proof for tls-alpn-01 cannot be made: {0}")]
    Proof(rustls::Error),
    #[error("what the authority gave cannot be used: {0}")]
    Unusable(#[from] TlsError),
}

impl AcmeChallenge {
    /// As the setting has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http01 => "http-01",
            Self::TlsAlpn01 => "tls-alpn-01",
            Self::Dns01 => "dns-01",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Http01 => "port 80 of the name must lead to http_port of this server",
            Self::TlsAlpn01 => {
                "port 443 of the name must lead to https_port of this server, with no proxy that ends TLS"
            }
            Self::Dns01 => "see that acme_dns_hook returns only when the record can be seen from outside",
        }
    }
}

impl From<Error> for AcmeError {
    fn from(error: Error) -> Self {
        match error {
            Error::Api(problem) => Self::Refused(said(&problem)),
            Error::Timeout(_) => Self::Late(LONGEST),
            Error::Crypto | Error::KeyRejected => Self::Key,
            Error::Other(cause) if cause.is::<OutboundError>() => Self::Away(causes(&*cause)),
            error => Self::NotUnderstood(error.to_string()),
        }
    }
}

/// The authority's own words (RFC 7807).
pub(super) fn said(problem: &Problem) -> String {
    let kind = problem.r#type.as_deref().unwrap_or("about:blank");
    match &problem.detail {
        Some(detail) => format!("{detail} ({kind})"),
        None => kind.to_owned(),
    }
}

/// An error with what lies under it: libraries say *error sending request* and keep the reason behind it.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut under = error.source();
    while let Some(cause) = under {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        under = cause.source();
    }
    text
}
