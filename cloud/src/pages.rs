//! The pages inside the binary: what Vite built of `app/`.
//!
//! It refuses to read the disk. Invariant: what carries a hash in its name is cached for ever, all else is asked
//! for again each time and answered 304 while it is the same.

use axum::body::Body;
use axum::extract::OriginalUri;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../app/dist"]
struct Built;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The page or file at an address, if there is one.
pub fn page(method: &Method, OriginalUri(uri): &OriginalUri, headers: &HeaderMap) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let path = uri.path().trim_start_matches('/');
    if !path.is_empty() && !path.ends_with('/') && Built::get(&format!("{path}/index.html")).is_some() {
        return Some(Redirect::permanent(&format!("/{path}/")).into_response());
    }
    let path =
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let file = Built::get(&path)?;

    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..12]));
    let etag = HeaderValue::from_str(&etag).ok()?;
    let cache = if path.starts_with("assets/") { FOREVER } else { ASK_AGAIN };
    let same = headers.get_all(header::IF_NONE_MATCH).iter().any(|held| matches(held, &etag));
    let kind = mime_guess::from_path(&path).first_or_octet_stream();
    let kind = match kind.type_() {
        mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    // What a browser holds takes over the headers of a 304 (RFC 9111 3.2), so that says what it is about, too: its policy
    // would else be that of an answer that is no page, and nothing in the page would run any more.
    let (status, body) = if same {
        (StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        (StatusCode::OK, Body::from(file.data.into_owned()))
    };
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    Some(response)
}

/// Weak comparison (RFC 9110 8.8.3.2): compression in between makes our tag weak.
fn matches(held: &HeaderValue, ours: &HeaderValue) -> bool {
    let (Ok(held), Ok(ours)) = (held.to_str(), ours.to_str()) else { return false };
    held.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == ours || tag == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str, held: Option<&str>) -> Option<Response> {
        let mut headers = HeaderMap::new();
        if let Some(held) = held {
            headers.insert(header::IF_NONE_MATCH, held.parse().unwrap());
        }
        page(&Method::GET, &OriginalUri(path.parse().unwrap()), &headers)
    }

    #[test]
    fn the_first_page_is_asked_for_again_and_is_not_sent_twice() {
        let first = get("/", None).unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(first.headers()[header::CACHE_CONTROL], ASK_AGAIN);
        let etag = first.headers()[header::ETAG].to_str().unwrap();
        for held in [etag.to_owned(), format!("\"x\", W/{etag}")] {
            assert_eq!(get("/", Some(&held)).unwrap().status(), StatusCode::NOT_MODIFIED, "{held}");
        }
        assert_eq!(get("/", Some("\"x\"")).unwrap().status(), StatusCode::OK);
    }

    #[test]
    fn what_is_not_built_is_no_page() {
        for path in ["/nothing", "/../Cargo.toml", "//etc/passwd", "/%2e%2e/Cargo.toml"] {
            assert!(get(path, None).is_none(), "{path}");
        }
        assert!(page(&Method::POST, &OriginalUri("/".parse().unwrap()), &HeaderMap::new()).is_none());
    }
}
