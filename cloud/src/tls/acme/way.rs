//! The way to an authority: our own client, so that each request has its end in time and size.
//!
//! It refuses redirects, and judges nothing that it carries.

use std::path::Path;
use std::pin::Pin;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use super::error::AcmeError;
use crate::outbound::{self, OutboundError, Roots};

/// A chain of certificates has some KB.
const LARGEST: usize = 1024 * 1024;

struct Way(reqwest::Client);

/// To the authority that this file vouches for, or to one that the machine knows.
pub(super) fn way(authority: Option<&Path>) -> Result<Box<dyn HttpClient>, AcmeError> {
    let roots = authority.map_or(Roots::System, Roots::File);
    let client = outbound::client(roots).and_then(|builder| Ok(builder.build()?));
    let client = client.map_err(|error| AcmeError::Roots { why: error.to_string() })?;
    Ok(Box::new(Way(client)))
}

impl HttpClient for Way {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body =
                to_bytes(Body::new(body), LARGEST).await.map_err(|error| Error::Other(error.into()))?;
            let asked = client.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
            let answer = async { outbound::read(asked.send().await?, LARGEST).await }.await;
            let answer = answer.map_err(|error: OutboundError| Error::Other(Box::new(error)))?;
            Ok(BytesResponse::from(answer.map(Body::from)))
        })
    }
}
