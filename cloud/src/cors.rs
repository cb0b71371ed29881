//! What pages of other origins may ask and read (Fetch 3.2).
//!
//! WHEP is for players of any origin, because the draft says so and a token says who asks. Everything else is for our
//! own pages and for the origins of the setting `allow_origin`. Invariant: never with credentials: no cookie of ours
//! goes with such a request, and the token has to be written by the page that knows it.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::origin::Origin;

/// What a page of another origin may read of an answer.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Location, ETag, Link, Retry-After, Accept-Patch, X-Request-Id");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, If-Match, If-None-Match");
const TEN_MINUTES: HeaderValue = HeaderValue::from_static("600");

/// Around every endpoint.
pub(crate) async fn with_cors(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/whep/") {
        let mut response = next.run(request).await;
        allow(response.headers_mut(), HeaderValue::from_static("*"));
        return response;
    }
    let allowed = listed(&app, request.headers());
    let asks_first = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (asks_first, &allowed) {
        (true, Some(_)) => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if let Some(origin) = allowed {
        allow(headers, origin);
        if asks_first {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, TEN_MINUTES);
        }
    }
    if !app.origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// The origin of the page that asks, where the settings name it.
fn listed(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let said = headers.get(header::ORIGIN)?;
    let origin = Origin::parse(said.to_str().ok()?).ok()?;
    app.origins.allow(&origin).then(|| said.clone())
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}
