//! What the provider says of itself: its endpoints and its keys.
//!
//! Read when first needed and again each hour, and after a moment that is given: an answer signed with a key that we
//! do not know was fetched by us, so nobody's mere request makes us read. One reads, the others wait for it.
//! Invariant: what was known goes on being known while the provider is away; an answer signed with keys of since then
//! is not believed.

use std::time::{Duration, Instant};

use openidconnect::IssuerUrl;
use openidconnect::core::CoreProviderMetadata;
use tokio::sync::Mutex;

use super::OidcError;
use super::error::unusable;
use super::outbound::Outbound;

/// Keys that the provider has withdrawn are forgotten by then.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// So long nobody asks again after the provider did not answer: whoever waits behind is told at once.
const RESPITE: Duration = Duration::from_secs(3);

/// What is known of one provider.
#[derive(Default)]
pub(super) struct Configuration(Mutex<Known>);

#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    Failed {
        at: Instant,
        error: OidcError,
    },
    Metadata {
        at: Instant,
        metadata: Box<CoreProviderMetadata>,
    },
}

impl Configuration {
    /// What the provider says of itself, read after that moment where one is given.
    pub(super) async fn read(
        &self,
        issuer: &str,
        outbound: &Outbound,
        after: Option<Instant>,
    ) -> Result<CoreProviderMetadata, OidcError> {
        let mut known = self.0.lock().await; // held while it is read
        match &*known {
            Known::Metadata { at, metadata }
                if at.elapsed() < FRESH && after.is_none_or(|after| *at > after) =>
            {
                return Ok((**metadata).clone());
            }
            Known::Failed { at, error } if at.elapsed() < RESPITE => return Err(error.clone()),
            Known::Nothing | Known::Failed { .. } | Known::Metadata { .. } => {}
        }
        let at = Instant::now();
        match discover(issuer, outbound).await {
            Ok(metadata) => {
                *known = Known::Metadata { at, metadata: Box::new(metadata.clone()) };
                Ok(metadata)
            }
            Err(error) => {
                if !matches!(*known, Known::Metadata { .. }) {
                    *known = Known::Failed { at: Instant::now(), error: error.clone() };
                }
                Err(error)
            }
        }
    }
}

async fn discover(issuer: &str, outbound: &Outbound) -> Result<CoreProviderMetadata, OidcError> {
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|error| unusable(&error))?;
    let read = CoreProviderMetadata::discover_async(issuer, &outbound.sender()).await;
    let metadata = read.map_err(|error| unusable(&error))?;
    let sent_to = metadata.authorization_endpoint().url();
    if !outbound.may_reach(sent_to) {
        let why = format!("{sent_to} is not where this issuer may send a browser");
        return Err(OidcError::Unreachable(why));
    }
    Ok(metadata)
}
