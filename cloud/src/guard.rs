//! The headers that have the browser guard what we send.
//!
//! Pages may load and connect to what is ours, run no script that is not a file of ours, be framed by nobody; a worker
//! may connect to what is ours; what is neither may do nothing at all. Invariant: no answer leaves without a content security policy, and nothing in one
//! says `unsafe`.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::listen::Peer;
use crate::nodes::Nodes;
use crate::origin::Origin;
use crate::tls::Vouched;

const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=(), display-capture=()",
    ),
];

const NO_PAGE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// A worker is held to the policy of its own file, not to that of the page that started it (CSP 3, 3.2.1); ours fetches
/// the shell that it keeps.
const SCRIPT: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// A year, as every list that preloads asks for (RFC 6797 6.1.1).
const STRICT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Whether browsers are told to come by HTTPS alone from now on: where the name is public, while somebody else vouches
/// for the certificate. Who has trusted our own must be able to come back by plain HTTP on this network.
#[derive(Clone)]
pub(crate) struct StrictTransport {
    pub(crate) has_public_name: bool,
    pub(crate) vouched: Vouched,
    /// Where a page may be sent for its picture.
    pub(crate) nodes: Nodes,
}

/// Around everything.
pub(crate) async fn with_headers(
    State(strict): State<StrictTransport>,
    request: Request,
    next: Next,
) -> Response {
    let secure = request.extensions().get::<Peer>().is_some_and(|peer| peer.secure);
    let host = request.headers().get(header::HOST).cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let policy = match kind.split(';').next().unwrap_or_default() {
        "text/html" => for_page(host.as_ref(), secure, &strict.nodes.urls()),
        "text/javascript" => SCRIPT,
        _ => NO_PAGE,
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if secure && strict.has_public_name && strict.vouched.get() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// `'self'` does not mean our own sockets to every browser, so they are named; so are the other servers of the same
/// sessions, which may have the picture.
fn for_page(host: Option<&HeaderValue>, secure: bool, others: &[String]) -> HeaderValue {
    let host = host
        .and_then(|host| host.to_str().ok())
        .filter(|host| Origin::parse(&format!("https://{host}")).is_ok());
    let sockets = match host {
        Some(host) => format!(" {}://{host}", if secure { "wss" } else { "ws" }),
        None => String::new(),
    };
    let others: String = others.iter().flat_map(|url| [" ", url.as_str()]).collect();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; connect-src 'self'{sockets}{others}; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(NO_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_open_our_own_sockets_and_no_others() {
        let policy = |host: &'static str| for_page(Some(&HeaderValue::from_static(host)), true, &[]);
        assert!(
            policy("feed.example.org:8443")
                .to_str()
                .unwrap()
                .contains("connect-src 'self' wss://feed.example.org:8443;")
        );
        let others = ["https://one.example.org".to_owned(), "https://two.example.org:8443".to_owned()];
        let policy_among_others = for_page(None, true, &others);
        let listed = "connect-src 'self' https://one.example.org https://two.example.org:8443;";
        assert!(policy_among_others.to_str().unwrap().contains(listed), "{policy_among_others:?}");
        for forged in ["evil.example; script-src *", "a b", "", "*"] {
            let policy = policy(forged);
            assert!(policy.to_str().unwrap().contains("connect-src 'self';"), "{policy:?}");
        }
    }
}
