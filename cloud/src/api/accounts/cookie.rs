//! The refresh token of a page: in a cookie that no script reads, that goes to one address, and from our pages alone.
//!
//! `HttpOnly`, `Secure`, `SameSite=Strict` and its path keep it from everything but `POST /api/refresh`; there a request
//! that says that it comes from elsewhere is refused, for browsers that know no `SameSite`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::api::problem::ApiProblem;
use crate::listen::Peer;
use crate::origin::is_of_own_page;

const NAME: &str = "__Secure-returnfeed-refresh";
const ATTRIBUTES: &str = "Path=/api/refresh; HttpOnly; Secure; SameSite=Strict";

/// Sets it, for so many seconds.
pub(super) fn set(token: &SecretString, seconds: u64) -> HeaderValue {
    let cookie = format!("{NAME}={}; Max-Age={seconds}; {ATTRIBUTES}", token.expose_secret());
    let mut value = HeaderValue::try_from(cookie).expect("a token is letters, digits, - and _");
    value.set_sensitive(true);
    value
}

/// Removes it.
pub(super) fn removed() -> HeaderValue {
    HeaderValue::try_from(format!("{NAME}=; Max-Age=0; {ATTRIBUTES}")).expect("it is ASCII")
}

/// The token of a request, where it has one.
///
/// # Errors
/// When it is sent along by a page of somebody else.
pub(super) fn of(headers: &HeaderMap, peer: Peer) -> Result<Option<SecretString>, ApiProblem> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let Some((_, token)) = pairs.find(|(name, _)| *name == NAME) else { return Ok(None) };
    if is_of_own_page(headers, peer) { Ok(Some(token.into())) } else { Err(cross_site()) }
}

fn cross_site() -> ApiProblem {
    let detail = "Only the pages of this server may do this.";
    ApiProblem::new(StatusCode::FORBIDDEN, "cross_site", "This came from another site", detail)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const BY_HTTPS: Peer = Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: true };

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_cookie_is_taken_from_our_pages_alone() {
        let cookie = ("cookie", "a=b; __Secure-returnfeed-refresh=good-once; c=d");
        let read = |more: &[(&'static str, &'static str)]| {
            of(&headers(&[&[cookie], more].concat()), BY_HTTPS)
                .map(|token| token.unwrap().expose_secret().to_owned())
        };
        for ours in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("origin", "https://live.example.org:8443"), ("host", "live.example.org:8443")],
            &[],
        ] {
            assert_eq!(read(ours).unwrap(), "good-once", "{ours:?}");
        }
        for theirs in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://live.example.org"),
                ("host", "live.example.org"),
            ],
            &[("origin", "https://evil.example.org"), ("host", "live.example.org")],
            &[("origin", "null"), ("host", "live.example.org")],
            &[("origin", "http://live.example.org"), ("host", "live.example.org")],
        ] {
            assert_eq!(read(theirs).unwrap_err().code(), "cross_site", "{theirs:?}");
        }
        let none = of(&headers(&[("cookie", "a=b"), ("sec-fetch-site", "cross-site")]), BY_HTTPS);
        assert!(none.unwrap().is_none());
    }

    #[test]
    fn a_cookie_says_all_that_keeps_it_in() {
        let set = set(&"good-once".into(), 60);
        let text = set.to_str().unwrap();
        for word in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/refresh", "Max-Age=60"] {
            assert!(text.contains(word), "{text}");
        }
        assert!(set.is_sensitive() && removed().to_str().unwrap().contains("Max-Age=0"));
    }
}
