//! What every answer has around it: a request id, a span for the log, security headers, a time limit, compression,
//! and the pages where no endpoint answers.
//!
//! It refuses to log an address's query, because a ticket may stand in it. Invariant: no answer leaves without the
//! content security policy.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;
use tower_http::compression::CompressionLayer;
use tracing::Instrument as _;

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::{api, pages, random};

/// To the first byte of an answer; streams go on as long as they like.
const ANSWER: Duration = Duration::from_secs(30);

const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; media-src 'self' blob:; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// The whole of what the TCP port answers.
pub fn router(app: App) -> Router {
    api::router()
        .layer(from_fn(with_pages))
        .layer(CompressionLayer::new())
        .layer(from_fn(with_limit))
        .layer(from_fn(with_headers))
        .layer(from_fn(with_span))
        .with_state(app)
}

/// The pages go first: their addresses and those of the endpoints have nothing in common.
async fn with_pages(request: Request, next: Next) -> Response {
    let uri = OriginalUri(request.uri().clone());
    match pages::page(request.method(), &uri, request.headers()) {
        Some(page) => page,
        None => next.run(request).await,
    }
}

async fn with_limit(request: Request, next: Next) -> Response {
    timeout(ANSWER, next.run(request)).await.unwrap_or_else(|_| {
        let detail = "Send the request again; if it lasts, ask the host of the server.";
        ApiProblem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "The request took too long", detail)
            .into_response()
    })
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    let is_api = !response.headers().contains_key(header::CACHE_CONTROL);
    if is_api {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

async fn with_span(request: Request, next: Next) -> Response {
    let id = random::text::<6>();
    let span = tracing::info_span!(
        "request",
        id,
        method = %request.method(),
        path = request.uri().path(),
        session = tracing::field::Empty,
    );
    let start = Instant::now();
    async move {
        let mut response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), ms = start.elapsed().as_millis(), "answered");
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
    .instrument(span)
    .await
}
