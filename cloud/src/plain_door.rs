//! The port for plain HTTP, 80 on a public server.
//!
//! It sends pages to HTTPS, and shows an authority the proof that it looks for (RFC 8555 8.3). It refuses to answer
//! anything else: what is asked here has been read on the way.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::listen::{https_required, is_for_pages};
use crate::origin::Origin;
use crate::tls::HttpProofs;

/// What the port knows.
#[derive(Clone)]
struct Door {
    proofs: HttpProofs,
    https_port: u16,
}

/// What the port answers; HTTPS is served at `https_port`.
pub(crate) fn router(proofs: HttpProofs, https_port: u16) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(prove))
        .fallback(to_https)
        .with_state(Door { proofs, https_port })
}

async fn prove(State(door): State<Door>, Path(token): Path<String>) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    match door.proofs.find(&token) {
        Some(proof) => ([kind], proof).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn to_https(State(Door { https_port, .. }): State<Door>, request: Request) -> Response {
    if !is_for_pages(&request) {
        return https_required();
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = if host.ends_with(']') { host } else { host.rsplit_once(':').map_or(host, |(name, _)| name) };
    if Origin::parse(&format!("https://{host}")).is_err() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let port = if https_port == 443 { String::new() } else { format!(":{}", https_port) };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let there = format!("https://{host}{port}{path}");
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, there)]).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_is_sent_to_https() {
        for (host, https_port, there) in [
            ("feed.example", 443, Some("https://feed.example/camera/?x=1")),
            ("feed.example:80", 8443, Some("https://feed.example:8443/camera/?x=1")),
            ("[2001:db8::1]", 443, Some("https://[2001:db8::1]/camera/?x=1")),
            ("[2001:db8::1]:80", 443, Some("https://[2001:db8::1]/camera/?x=1")),
            ("evil.example/path", 443, None),
            ("", 443, None),
        ] {
            let request =
                Request::builder().uri("/camera/?x=1").header("host", host).body(Body::empty()).unwrap();
            let answer = router(HttpProofs::default(), https_port).oneshot(request).await.unwrap();
            let location = answer.headers().get("location").map(|location| location.to_str().unwrap());
            assert_eq!(location, there, "{host}");
        }
    }

    #[tokio::test]
    async fn a_call_of_the_api_is_not_sent_on_as_if_nothing_had_been_read() {
        for (method, path) in [("GET", "/api/me"), ("POST", "/whep/1"), ("GET", "/ws/page"), ("POST", "/")] {
            let request = Request::builder().method(method).uri(path).header("host", "feed.example");
            let answer =
                router(HttpProofs::default(), 443).oneshot(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.unwrap().status(), StatusCode::BAD_REQUEST, "{method} {path}");
        }
    }
}
