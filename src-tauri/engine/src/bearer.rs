//! A token in a header, and the refusal of whoever lacks it.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use returnfeed_protocol::Problem;
use secrecy::{ExposeSecret as _, SecretString};

/// Shorter ones are guessed.
const SHORTEST: usize = 16;

/// SHA-256 of the right token: a comparison then tells nothing of its length.
#[derive(Clone)]
pub(crate) struct Token(Arc<[u8]>);

impl Token {
    pub(crate) fn new(token: &SecretString) -> Self {
        Self(digest(&SHA256, token.expose_secret().as_bytes()).as_ref().into())
    }

    /// The answer to who does not show it: `detail` says what to do.
    pub(crate) fn refuses(&self, headers: &HeaderMap, detail: &str) -> Option<Response> {
        let header = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
        let (scheme, shown) = header.and_then(|header| header.split_once(' ')).unwrap_or_default();
        let shown = digest(&SHA256, shown.trim().as_bytes());
        if scheme.eq_ignore_ascii_case("bearer") && verify_slices_are_equal(&self.0, shown.as_ref()).is_ok() {
            return None;
        }
        let mut refused = refusal(401, "token_invalid", "The token is missing or wrong", detail);
        refused.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        Some(refused)
    }
}

/// Reads a token from its file.
pub(crate) fn read(path: &Path) -> Result<SecretString, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read ({error})"))?;
    let token = text.trim();
    if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("{shown} must hold {SHORTEST} or more letters and digits, and no more"));
    }
    Ok(SecretString::from(token))
}

/// A refusal as `application/problem+json` (RFC 9457).
pub(crate) fn refusal(status: u16, code: &str, title: &str, detail: &str) -> Response {
    let problem = Problem { status, code: code.into(), title: title.into(), detail: detail.into() };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(CONTENT_TYPE, "application/problem+json"), (CACHE_CONTROL, "no-store")];
    (status, headers, Json(problem).into_response().into_body()).into_response()
}
