//! Our requests to the provider, to where its issuer may send us. Where an endpoint is, is told in its configuration
//! document and nowhere else.

use std::pin::Pin;

use openidconnect::url::Url;
use openidconnect::{HttpRequest, HttpResponse};

use super::OidcPlace;
use crate::outbound::{self, Roots};

/// Configuration, keys and tokens are a few KB.
const LARGEST: usize = 256 * 1024;

type Answering = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send>>;

/// Asks the provider; cheap to clone.
#[derive(Clone)]
pub(super) struct Outbound {
    client: reqwest::Client,
    place: OidcPlace,
}

/// A request without an answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutboundError {
    #[error("{0} is not where this issuer may send us")]
    OutOfReach(Url),
    #[error("the address of a request is not one")]
    NoUrl,
    #[error(transparent)]
    Failed(#[from] outbound::OutboundError),
}

impl Outbound {
    /// # Errors
    /// When the system's certificate authorities cannot be used.
    pub(super) fn new(place: OidcPlace) -> Result<Self, String> {
        let build = |builder: reqwest::ClientBuilder| {
            let builder = if place.is_here() { builder.no_proxy() } else { builder };
            Ok(builder.build()?)
        };
        let client = outbound::client(Roots::System).and_then(build);
        let client = client.map_err(|error: outbound::OutboundError| error.to_string())?;
        Ok(Self { client, place })
    }

    pub(super) fn may_reach(&self, url: &Url) -> bool {
        self.place.may_reach(url)
    }

    /// As the library wants it: it borrows nothing, so that what waits for it may move between threads.
    pub(super) fn sender(&self) -> impl Fn(HttpRequest) -> Answering + Send + Sync + use<> {
        let outbound = self.clone();
        move |request| {
            let outbound = outbound.clone();
            Box::pin(async move { outbound.send(request).await })
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|_| OutboundError::NoUrl)?;
        if !self.place.may_reach(&url) {
            return Err(OutboundError::OutOfReach(url));
        }
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        Ok(outbound::read(sent.map_err(outbound::OutboundError::from)?, LARGEST).await?)
    }
}
