//! Who asks, where proxies stand between: the rightmost address that no trusted proxy has (RFC 7239 8.1).
//!
//! Pure. It refuses to believe a word that did not come from a trusted network, and to read two headers: a proxy that
//! sets one of them hands the other on as its sender wrote it. Invariant: whatever is claimed, nobody outside the
//! trusted networks is taken for another.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};
use clap::ValueEnum;
use serde::Deserialize;

use crate::listen::Peer;
use crate::network::Network;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The header that the trusted proxies write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, with `X-Forwarded-Proto`: nginx, Caddy, Traefik, most others.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239): HAProxy with `option forwarded`.
    Forwarded,
}

/// The proxies in front of this server.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Where they are; none: nobody's word is taken.
    pub trusted: Vec<Network>,
    /// What they write.
    pub header: ProxyHeader,
}

/// One stop of a request, as the proxy that heard of it wrote it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Hop {
    address: Option<IpAddr>,
    secure: Option<bool>,
}

impl Proxies {
    /// Whether this is one of them.
    pub fn trust(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// Who asks, of a request that came in over a connection from `direct`.
    pub fn asker(&self, direct: Peer, headers: &HeaderMap) -> Peer {
        let mut asker = direct;
        if !self.trust(direct.address) {
            return asker;
        }
        for hop in self.hops(headers).into_iter().rev() {
            if let Some(secure) = hop.secure {
                asker.secure = secure;
            }
            // A proxy that hides the address, or wrote none that can be read: it is the last one who is known.
            let Some(address) = hop.address else { break };
            asker.address = address;
            if !self.trust(address) {
                break;
            }
        }
        asker
    }

    /// From the one who asked to the proxy before us.
    fn hops(&self, headers: &HeaderMap) -> Vec<Hop> {
        match self.header {
            ProxyHeader::XForwardedFor => {
                let mut hops: Vec<Hop> = items(headers, &X_FORWARDED_FOR)
                    .map(|item| Hop { address: address(item), secure: None })
                    .collect();
                let schemes = items(headers, &X_FORWARDED_PROTO).collect::<Vec<_>>();
                for (hop, scheme) in hops.iter_mut().rev().zip(schemes.into_iter().rev()) {
                    hop.secure = secure(scheme);
                }
                hops
            }
            ProxyHeader::Forwarded => items(headers, &header::FORWARDED).map(forwarded).collect(),
        }
    }
}

/// The items of a list, over all lines of the header (RFC 9110 5.3).
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.to_str().unwrap_or("unreadable").split(','))
        .map(str::trim)
}

/// `for=192.0.2.60;proto=https;by=203.0.113.43`; a comma inside quotes does not occur in what is read here.
fn forwarded(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in element.split(';') {
        let Some((name, value)) = pair.trim().split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("for") {
            hop.address = address(value);
        } else if name.trim().eq_ignore_ascii_case("proto") {
            hop.secure = secure(value);
        }
    }
    hop
}

fn secure(scheme: &str) -> Option<bool> {
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Some(true),
        "http" => Some(false),
        _ => None,
    }
}

/// With or without a port, an IPv6 one with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    text.parse::<SocketAddr>()
        .ok()
        .map(|socket| socket.ip())
        .or_else(bare)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const PROXY: &str = "10.0.0.5";

    fn asker(header: ProxyHeader, direct: &str, lines: &[(&'static str, &str)]) -> (String, bool) {
        let proxies = Proxies {
            trusted: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            header,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let asker = proxies.asker(Peer { address: direct.parse().unwrap(), secure: false }, &headers);
        (asker.address.to_string(), asker.secure)
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_asks() {
        for (line, who) in [
            ("198.51.100.7", "198.51.100.7"),
            ("203.0.113.9, 198.51.100.7", "198.51.100.7"), // what the asker wrote himself stands left
            ("203.0.113.9, 198.51.100.7, 10.0.0.9, 2001:db8::5", "198.51.100.7"),
            ("198.51.100.7:4711", "198.51.100.7"),
            ("[2a00::1]:4711", "2a00::1"),
            ("2a00::1", "2a00::1"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("10.0.0.9, 10.0.0.8", "10.0.0.9"), // proxies all the way: the first of them
            ("198.51.100.7, unknown", PROXY),
            ("198.51.100.7, unknown, 10.0.0.9", "10.0.0.9"),
            ("", PROXY),
            ("<script>", PROXY),
        ] {
            assert_eq!(
                asker(ProxyHeader::XForwardedFor, PROXY, &[("x-forwarded-for", line)]).0,
                who,
                "{line}"
            );
        }
        let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(asker(ProxyHeader::XForwardedFor, PROXY, &lines).0, "198.51.100.7", "lines are one list");
    }

    #[test]
    fn nobody_outside_the_trusted_networks_is_believed() {
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            let lines = [
                ("x-forwarded-for", "127.0.0.1"),
                ("x-forwarded-proto", "https"),
                ("forwarded", "for=127.0.0.1;proto=https"),
            ];
            assert_eq!(asker(header, "198.51.100.7", &lines), ("198.51.100.7".to_owned(), false));
        }
    }

    #[test]
    fn the_header_that_the_proxy_does_not_write_is_the_askers_own_and_is_not_read() {
        let lines = [("forwarded", "for=127.0.0.1;proto=https"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(asker(ProxyHeader::XForwardedFor, PROXY, &lines), ("198.51.100.7".to_owned(), false));
        let lines = [("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=198.51.100.7")];
        assert_eq!(asker(ProxyHeader::Forwarded, PROXY, &lines), ("198.51.100.7".to_owned(), false));
    }

    #[test]
    fn the_scheme_is_the_one_that_the_nearest_proxies_saw() {
        let with = |scheme| [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", scheme)];
        assert!(asker(ProxyHeader::XForwardedFor, PROXY, &with("https")).1);
        assert!(!asker(ProxyHeader::XForwardedFor, PROXY, &with("http")).1);
        assert!(
            !asker(ProxyHeader::XForwardedFor, PROXY, &with("https, http")).1,
            "the left one is the asker's"
        );
        assert!(asker(ProxyHeader::Forwarded, PROXY, &[("forwarded", "For=\"[2a00::1]:1\"; Proto=HTTPS")]).1);
    }
}
