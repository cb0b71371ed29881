//! Which page sent a request, and whether it may (RFC 6454, Fetch 3.2).
//!
//! It refuses to identify anybody: the token does that. What it keeps out is a page of another origin that uses what
//! this browser holds of ours. Invariant: who is not a browser sends no `Origin`, and is not looked at here.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::listen::Peer;

/// An origin as a browser writes it: `https://studio.example.org`, `http://192.168.1.5:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// An origin that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no origin; write it like https://studio.example.org, without a path")]
pub struct BadOrigin(String);

/// The origins whose pages may use this server, beside its own.
#[derive(Debug, Default)]
pub struct Origins(RwLock<Vec<Origin>>);

/// The request comes from one of our own pages, from one that the settings allow, or from no browser.
#[derive(Debug, Clone, Copy)]
pub struct OwnOrigin;

impl Origin {
    /// Reads one.
    ///
    /// # Errors
    /// When it is no `http` or `https` origin.
    pub fn parse(text: &str) -> Result<Self, BadOrigin> {
        let bad = || BadOrigin(text.chars().take(80).collect());
        let lower = text.to_ascii_lowercase();
        let (scheme, authority) = lower.split_once("://").ok_or_else(bad)?;
        let default_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return Err(bad()),
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if authority.is_empty() || !authority.chars().all(allowed) {
            return Err(bad());
        }
        Ok(Self(format!("{scheme}://{}", authority.strip_suffix(default_port).unwrap_or(authority))))
    }

    /// As a browser writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin of the server itself, as this request reached it.
    fn of_server(headers: &HeaderMap, peer: Peer) -> Option<Self> {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        Self::parse(&format!("{}://{host}", if peer.secure { "https" } else { "http" })).ok()
    }
}

impl Origins {
    /// These, and none else.
    pub fn new(origins: Vec<Origin>) -> Self {
        Self(RwLock::new(origins))
    }

    /// Those of another list from now on.
    pub fn replace(&self, others: &Self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = others.listed().clone();
    }

    fn listed(&self) -> RwLockReadGuard<'_, Vec<Origin>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the settings name none.
    pub fn is_empty(&self) -> bool {
        self.listed().is_empty()
    }

    /// Whether the settings name this one.
    pub fn allow(&self, origin: &Origin) -> bool {
        self.listed().contains(origin)
    }

    /// Whether a page that sent these headers may use what its browser holds of ours; no page at all may.
    pub fn permit(&self, headers: &HeaderMap, peer: Peer) -> bool {
        let mut said = headers.get_all(header::ORIGIN).iter();
        let origin = match (said.next(), said.next()) {
            (None, _) => return true,
            (Some(one), None) => one.to_str().ok().and_then(|text| Origin::parse(text).ok()),
            (Some(_), Some(_)) => None,
        };
        origin.is_some_and(|origin| self.allow(&origin) || Origin::of_server(headers, peer) == Some(origin))
    }
}

/// Whether one of our own pages sent this, or no browser: by Fetch Metadata (W3C) where it is sent, by `Origin`
/// otherwise. Pages that the settings allow are not ours.
pub fn is_of_own_page(headers: &HeaderMap, peer: Peer) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => Origins::default().permit(headers, peer),
    }
}

impl Clone for Origins {
    fn clone(&self) -> Self {
        Self::new(self.listed().clone())
    }
}

impl FromRequestParts<App> for OwnOrigin {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let peer = Peer::from_request_parts(parts, app).await?;
        if app.origins.permit(&parts.headers, peer) { Ok(Self) } else { Err(not_allowed()) }
    }
}

fn not_allowed() -> ApiProblem {
    let detail = "Open the page from this server, or have its host add the page's origin to allow_origin.";
    ApiProblem::new(StatusCode::FORBIDDEN, "origin_not_allowed", "This page is of another origin", detail)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn permits(secure: bool, origin: &[&str]) -> bool {
        let origins = Origins::new(vec![Origin::parse("https://Partner.example.org:443").unwrap()]);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("feed.example.org"));
        for origin in origin {
            headers.append(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        origins.permit(&headers, Peer { address: "192.0.2.1".parse().unwrap(), secure })
    }

    #[test]
    fn our_own_page_a_listed_one_and_no_page_are_let_in() {
        assert!(permits(true, &[]));
        assert!(permits(true, &["https://feed.example.org"]));
        assert!(permits(true, &["https://feed.example.org:443"]));
        assert!(permits(true, &["https://partner.example.org"]));
    }

    #[test]
    fn another_page_another_scheme_and_a_page_without_an_origin_are_not() {
        for origin in [
            "https://evil.example",
            "https://feed.example.org.evil.example",
            "http://feed.example.org",
            "https://feed.example.org:8443",
            "null",
            "",
        ] {
            assert!(!permits(true, &[origin]), "{origin}");
        }
        assert!(!permits(false, &["https://feed.example.org"]), "reached by plain HTTP");
        assert!(!permits(true, &["https://feed.example.org", "https://evil.example"]));
    }

    #[test]
    fn what_is_no_origin_is_refused_with_an_example() {
        for text in ["studio", "https://", "https://a/b", "ftp://a", "https://a b", "https://*.example.org"] {
            assert!(Origin::parse(text).unwrap_err().to_string().contains("like https://"), "{text}");
        }
    }
}
