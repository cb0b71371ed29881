//! The browser that asked: a cookie that says so when it comes back.
//!
//! Lax, because it comes back from another site; `__Host-`, so that no neighbour of our name can plant one. It
//! refuses to be worth anything by itself. Invariant: only its digest is kept.

use aws_lc_rs::{constant_time, digest};
use axum::http::{HeaderMap, HeaderValue, header};

use crate::random;

const NAME: &str = "__Host-returnfeed-signin";
/// As long as an answer is waited for.
pub(super) const LIVES_S: u64 = 600;
/// Of 24 random bytes.
const LENGTH: usize = 32;

/// A browser, by the digest of its cookie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Browser([u8; 32]);

impl Browser {
    /// The one that sent these headers, if it carries our cookie.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        cookie(headers).map(Self::of_value)
    }

    /// The same, or a new one; and what makes the browser carry the cookie for another while.
    pub(super) fn of_or_new(headers: &HeaderMap) -> (Self, HeaderValue) {
        let value = cookie(headers).map_or_else(random::text::<24>, str::to_owned);
        (Self::of_value(&value), set(&value, LIVES_S))
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    fn of_value(value: &str) -> Self {
        let mut kept = [0; 32];
        kept.copy_from_slice(digest::digest(&digest::SHA256, value.as_bytes()).as_ref());
        Self(kept)
    }
}

/// Takes the cookie away.
pub(super) fn forget() -> HeaderValue {
    set("", 0)
}

fn set(value: &str, seconds: u64) -> HeaderValue {
    let text = format!("{NAME}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).expect("random text is letters, digits, hyphens and underscores")
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let safe = |value: &str| value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    pairs.find(|(name, value)| *name == NAME && value.len() == LENGTH && safe(value)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, line.parse().unwrap())).collect()
    }

    #[test]
    fn a_browser_is_known_by_its_cookie_and_keeps_it() {
        let (new, set) = Browser::of_or_new(&HeaderMap::new());
        let set = set.to_str().unwrap();
        for wanted in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "__Host-"] {
            assert!(set.contains(wanted), "{set}");
        }
        let sent = headers(&["a=b", &format!("c=d; {}", set.split(';').next().unwrap())]);
        assert!(Browser::of(&sent).unwrap().is(&new));
        assert!(Browser::of_or_new(&sent).0.is(&new));
        assert!(!Browser::of_or_new(&HeaderMap::new()).0.is(&new));
    }

    #[test]
    fn what_we_never_gave_is_no_cookie_of_ours() {
        for line in ["", "__Host-returnfeed-signin=", "__Host-returnfeed-signin=short", "x=y; ;=;"] {
            assert!(Browser::of(&headers(&[line])).is_none(), "{line}");
        }
        let injected = format!("{NAME}={}", "\"".repeat(LENGTH));
        assert!(Browser::of(&headers(&[&injected])).is_none());
    }
}
