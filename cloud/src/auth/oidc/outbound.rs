//! Our requests to the provider: bounded in time and size, to where its issuer may send us.
//!
//! It refuses to follow redirects: an endpoint that moves is told in the provider's own configuration document.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::url::Url;
use openidconnect::{HttpRequest, HttpResponse};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_platform_verifier::BuilderVerifierExt;

use super::OidcPlace;

const CONNECT: Duration = Duration::from_secs(4);
/// All of one request. Two follow one another at most while a person waits.
const ANSWER: Duration = Duration::from_secs(8);
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
    #[error("{0}")]
    Failed(#[from] reqwest::Error),
    #[error("the answer has more than {LARGEST} bytes")]
    TooLarge,
}

impl Outbound {
    /// # Errors
    /// When the system's certificate authorities cannot be used.
    pub(super) fn new(place: OidcPlace) -> Result<Self, String> {
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(|error| error.to_string())?
            .with_no_client_auth();
        let builder = reqwest::Client::builder();
        let builder = if place.is_here() { builder.no_proxy() } else { builder };
        let client = builder
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .user_agent(concat!("returnfeed-cloud/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
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
        let mut answer =
            self.client.request(parts.method, url).headers(parts.headers).body(body).send().await?;
        let mut response = HttpResponse::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        while let Some(chunk) = answer.chunk().await? {
            if response.body().len().saturating_add(chunk.len()) > LARGEST {
                return Err(OutboundError::TooLarge);
            }
            response.body_mut().extend_from_slice(&chunk);
        }
        Ok(response)
    }
}
