//! Requests of our own to servers of others: bounded in time and size.
//!
//! It refuses to follow redirects: who is asked stands in a setting or in a document of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Response;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

const CONNECT: Duration = Duration::from_secs(4);
/// All of one request. Two follow one another at most while a person waits.
const ANSWER: Duration = Duration::from_secs(8);

/// Whom to believe that a server is who it says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Roots<'a> {
    /// The machine's authorities.
    System,
    /// Those of this file in PEM, and no other.
    File(&'a Path),
}

/// A request without an answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    #[error("{0}")]
    Failed(#[from] reqwest::Error),
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("no certificate in PEM: {0}")]
    NotPem(#[from] pem::Error),
    #[error("{0}")]
    Tls(#[from] rustls::Error),
}

/// What a client is made of.
pub(crate) fn client(roots: Roots<'_>) -> Result<reqwest::ClientBuilder, OutboundError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?;
    let tls = match roots {
        Roots::System => builder.with_platform_verifier()?,
        Roots::File(path) => builder.with_root_certificates(stored(path)?),
    };
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls.with_no_client_auth())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .user_agent(concat!("returnfeed-cloud/", env!("CARGO_PKG_VERSION"))))
}

/// The whole answer, if it has no more bytes than that.
pub(crate) async fn read(
    mut answer: reqwest::Response,
    largest: usize,
) -> Result<Response<Vec<u8>>, OutboundError> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    while let Some(chunk) = answer.chunk().await? {
        if response.body().len().saturating_add(chunk.len()) > largest {
            return Err(OutboundError::TooLarge(largest));
        }
        response.body_mut().extend_from_slice(&chunk);
    }
    Ok(response)
}

fn stored(path: &Path) -> Result<RootCertStore, OutboundError> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(path)? {
        roots.add(root?)?;
    }
    match roots.is_empty() {
        true => Err(pem::Error::NoItemsFound.into()),
        false => Ok(roots),
    }
}
