//! What every answer has around it: a request id, a span for the log, security headers, a time limit, compression,
//! and the pages where no endpoint answers.
//!
//! It refuses to log an address's query, because a ticket may stand in it. Invariant: no answer leaves without the
//! headers of `guard`.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;
use tower_http::compression::CompressionLayer;
use tracing::Instrument as _;

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::cors::with_cors;
use crate::guard::{StrictTransport, with_headers};
use crate::{api, pages, random};

/// To the first byte of an answer; streams go on as long as they like.
const ANSWER: Duration = Duration::from_secs(30);

/// The whole of what the TCP port answers.
pub(crate) fn router(app: App, strict: StrictTransport) -> Router {
    api::router()
        .layer(from_fn_with_state(app.clone(), with_cors))
        .layer(from_fn(with_pages))
        .layer(CompressionLayer::new())
        .layer(from_fn(with_limit))
        .layer(from_fn_with_state(strict, with_headers))
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
