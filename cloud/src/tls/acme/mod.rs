//! A certificate from an authority (ACME, RFC 8555): obtained, kept, and renewed when a third of its life is left.
//!
//! It refuses to stand in the way: an authority that is away or says no costs a sentence in the log and another try,
//! ever more slowly, while the certificate in use stays in use. Invariant: what is presented has been written down
//! first, so that a restart asks the authority for nothing.

mod account;
mod due;
mod error;
mod hook;
mod order;
mod proof;
mod way;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;
use tokio::time::sleep;

use self::due::Backoff;
use self::error::AcmeError;
use self::order::{Issued, Issuer};
pub use self::proof::HttpProofs;
use super::{Presented, files};
use crate::clock;
use crate::data_dir::{DataDir, Existing, write_private};

/// A machine that slept wakes up to look at the clock.
const LOOK: Duration = Duration::from_secs(3_600);

/// How the authority is shown that a name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
pub enum AcmeChallenge {
    /// A file at port 80 of the name (RFC 8555 8.3).
    #[value(name = "http-01")]
    #[serde(rename = "http-01")]
    Http01,
    /// A certificate at port 443 of the name (RFC 8737).
    #[value(name = "tls-alpn-01")]
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
    /// A record in the name's zone, put there by a command (RFC 8555 8.4): also for names of private addresses.
    #[value(name = "dns-01")]
    #[serde(rename = "dns-01")]
    Dns01,
}

/// What is asked of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// Host names, one at least.
    pub names: Vec<String>,
    /// Whom the authority writes to.
    pub contact: Option<String>,
    /// The authority's directory.
    pub directory: String,
    /// PEM: whom to trust when asking the authority, in place of the machine's own roots.
    pub authority: Option<PathBuf>,
    /// How a name is proven.
    pub challenge: AcmeChallenge,
    /// Puts and takes the record of DNS-01.
    pub dns_hook: Option<PathBuf>,
    /// How long to wait after a first failure; each further one doubles it.
    pub retry: Duration,
}

/// Keeps a good certificate for as long as the server runs.
pub(super) async fn keep(acme: &Acme, data: &DataDir, presented: &Presented, proofs: &HttpProofs) {
    let issuer = Issuer { acme, data, presented, proofs };
    let mut backoff = Backoff::new(acme.retry);
    loop {
        let wait = due::wait(&presented.leaf(), &acme.names, clock::unix_us() / 1_000_000);
        if !wait.is_zero() {
            sleep(wait.min(LOOK)).await;
            continue;
        }
        match renew(&issuer).await {
            Ok(()) => backoff = Backoff::new(acme.retry),
            Err(error) => {
                let again = backoff.next();
                let in_use = if presented.leaf().self_signed { "the self-signed one" } else { "the old one" };
                tracing::error!(%error, again_in_s = again.as_secs(), "no certificate was obtained; {in_use} stays in use");
                sleep(again).await;
            }
        }
    }
}

async fn renew(issuer: &Issuer<'_>) -> Result<(), AcmeError> {
    let Issued { chain, key } = issuer.obtain().await?;
    let (chain_path, key_path) = (issuer.data.acme_certificate(), issuer.data.acme_certificate_key());
    let pair = files::from_pem(chain.as_bytes(), key.as_bytes(), &chain_path, &key_path)?;
    // A stop between the two leaves a pair that does not fit: the next start asks for another.
    write(&key_path, key.as_bytes())?;
    write(&chain_path, chain.as_bytes())?;
    issuer.presented.replace(pair);
    tracing::info!(names = issuer.acme.names.join(" "), "a certificate was obtained and is in use");
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), AcmeError> {
    write_private(path, bytes, Existing::Replace)
        .map_err(|cause| AcmeError::File { path: path.to_owned(), cause })
}
