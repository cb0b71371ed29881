//! The port for plain HTTP, 80 on a public server.
//!
//! It sends whoever comes to HTTPS. It refuses to answer anything: what is asked here has been read on the way.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::origin::Origin;

/// What the port answers; HTTPS is served at `https_port`.
pub(crate) fn router(https_port: u16) -> Router {
    Router::new().fallback(to_https).with_state(https_port)
}

async fn to_https(State(https_port): State<u16>, request: Request) -> Response {
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
            let answer = router(https_port).oneshot(request).await.unwrap();
            let location = answer.headers().get("location").map(|location| location.to_str().unwrap());
            assert_eq!(location, there, "{host}");
        }
    }
}
