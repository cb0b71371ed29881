//! An address, or a network of them, as settings name it: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7` (RFC 4632 3.1).
//!
//! Pure.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Deserialize;

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// A network that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no network; write it like 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7")]
pub struct BadNetwork(String);

impl Network {
    /// Whether an address lies in it; an IPv4 address in an IPv6 one counts as itself.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let apart = network.to_bits() ^ address.to_bits();
                apart.leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let apart = network.to_bits() ^ address.to_bits();
                apart.leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let bad = || BadNetwork(text.chars().take(60).collect());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| bad())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.trim().parse().ok().filter(|prefix| *prefix <= longest).ok_or_else(bad)?,
            None => longest,
        };
        Ok(Self { address, prefix })
    }
}

impl TryFrom<String> for Network {
    type Error = BadNetwork;

    fn try_from(text: String) -> Result<Self, BadNetwork> {
        text.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Whether everybody's name servers know what it means: a host name with a dot in it that is not set aside for one
/// machine or one network (RFC 6761, RFC 6762, RFC 8375, and `internal`).
pub(crate) fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let set_aside = ["localhost", "local", "internal", "home.arpa", "lan", "test", "invalid", "onion"];
    let is_under =
        |end: &&str| name.strip_suffix(*end).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    name.contains('.') && name.parse::<IpAddr>().is_err() && !set_aside.iter().any(is_under)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_its_own_addresses_and_no_others() {
        for (network, address, is_in) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("0.0.0.0/0", "::1", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ] {
            assert_eq!(contains(network, address), is_in, "{address} in {network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_with_an_example() {
        for text in ["", "studio", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8", "10.0.0/8"] {
            assert!(text.parse::<Network>().unwrap_err().to_string().contains("10.0.0.0/8"), "{text}");
        }
    }

    #[test]
    fn a_public_name_means_the_same_everywhere() {
        for name in ["feed.example", "live.example.org.", "localhost.example.org", "notlocal.example"] {
            assert!(is_public_name(name), "{name}");
        }
        for name in [
            "studio",
            "studio.local",
            "Studio.LOCAL",
            "home.arpa",
            "a.home.arpa",
            "192.0.2.1",
            "2001:db8::1",
            "x.localhost",
        ] {
            assert!(!is_public_name(name), "{name}");
        }
    }
}
