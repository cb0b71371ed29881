//! The way between an operator's page and the director's machine that needs no cloud once it stands: a WebRTC data
//! channel on the local network. The relay carries an offer and its answer; words then travel without it.
//!
//! Refuses whole session descriptions: what a peer connection of one data channel needs is four short values a side,
//! and each is checked where it is read.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{UnknownWord, word::words};

/// A value that cannot be one of a peer connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no {what}")]
pub struct NotOfAPeer {
    /// What it should have been.
    pub what: &'static str,
}

/// A short text whose form is checked when it is read.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $what:literal, $is:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// As it is on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotOfAPeer;

            fn try_from(text: String) -> Result<Self, NotOfAPeer> {
                let is: fn(&str) -> bool = $is;
                if is(&text) { Ok(Self(text)) } else { Err(NotOfAPeer { what: $what }) }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

checked!(
    /// A page over all its offers: random, and known to nobody else, so that no other page takes its place.
    LanPeer, "name of a page, 32 hexadecimal digits", |text| {
        text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
);

checked!(
    /// An ICE user name fragment (RFC 8839 5.4).
    IceFragment, "ICE user name fragment", |text| (4..=256).contains(&text.len()) && is_ice(text)
);

checked!(
    /// An ICE password (RFC 8839 5.4).
    IcePassword, "ICE password", |text| (22..=256).contains(&text.len()) && is_ice(text)
);

checked!(
    /// SHA-256 of a DTLS certificate, in pairs of hexadecimal digits with colons between (RFC 8122 5).
    CertificateFingerprint, "SHA-256 fingerprint", |text| {
        text.len() == 95 && text.split(':').count() == 32 && text.split(':').all(is_pair)
    }
);

/// `ice-char` of RFC 8839 5.1.
fn is_ice(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

fn is_pair(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A password is not for a log.
impl std::fmt::Debug for IcePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IcePassword(..)")
    }
}

/// Neither is what takes a page's place.
impl std::fmt::Debug for LanPeer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LanPeer(..)")
    }
}

impl std::fmt::Debug for IceFragment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IceFragment({})", self.0)
    }
}

impl std::fmt::Debug for CertificateFingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CertificateFingerprint({})", self.0)
    }
}

impl CertificateFingerprint {
    /// Of these 32 bytes.
    pub fn of(bytes: &[u8; 32]) -> Self {
        Self(bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.split(':').filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
    }
}

/// One side of the peer connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LanSide {
    /// Of its ICE agent.
    pub fragment: IceFragment,
    /// Of its ICE agent.
    pub password: IcePassword,
    /// Of the certificate that it will show: who holds another one is not believed.
    pub fingerprint: CertificateFingerprint,
}

/// A page would hear its director by the local network too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LanOffer {
    /// Which page.
    pub peer: LanPeer,
    /// Which of its offers; comes back in the answer.
    pub n: u32,
    /// Its side.
    pub side: LanSide,
}

/// Where the director's machine can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LanAddress {
    /// Of one of its interfaces.
    #[ts(type = "string")]
    pub ip: IpAddr,
    /// UDP.
    pub port: u16,
}

/// What the director's machine says to an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LanAnswer {
    /// It waits for the page, with an ICE-lite agent, as DTLS server.
    Open {
        /// As offered.
        n: u32,
        /// Its side.
        side: LanSide,
        /// Where; at most [`LanAnswer::ADDRESSES`].
        addresses: Vec<LanAddress>,
    },
    /// It serves nobody there: it is switched off, its port cannot be opened, or there are too many.
    Closed {
        /// As offered.
        n: u32,
    },
}

impl LanAnswer {
    /// A machine has few interfaces that a phone can reach.
    pub const ADDRESSES: usize = 16;

    /// Whether a relay may hand it on.
    pub fn is_bounded(&self) -> bool {
        match self {
            Self::Open { addresses, .. } => addresses.len() <= Self::ADDRESSES,
            Self::Closed { .. } => true,
        }
    }
}

words!(
    /// How a page stands to its director's machine on the local network.
    LanPath, "proven, trying, unreachable, closed" {
        /// The director's words arrived by it within the last 3 s.
        Proven = "proven",
        /// Nobody can say yet.
        Trying = "trying",
        /// They do not: the phone is on mobile data, or its network keeps its guests apart.
        Unreachable = "unreachable",
        /// The director's machine serves nobody there.
        Closed = "closed",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    fn reads<T: TryFrom<String>>(text: &str) -> bool {
        T::try_from(text.to_owned()).is_ok()
    }

    #[test]
    fn what_would_break_a_line_of_a_session_description_is_refused() {
        assert!(reads::<IceFragment>("Wx/+") && reads::<IcePassword>(&"p".repeat(22)));
        for wrong in ["abc", "ab\r\nc", "ab cd", "äöü€", &"f".repeat(257)] {
            assert!(!reads::<IceFragment>(wrong), "{wrong:?}");
        }
        for wrong in [&"p".repeat(21), "p\na=candidate:1 1 udp 1 10.0.0.1 1 typ host"] {
            assert!(!reads::<IcePassword>(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_fingerprint_is_32_bytes_and_comes_back_as_it_was() {
        let bytes: [u8; 32] = std::array::from_fn(|n| u8::try_from(n * 7).unwrap());
        let fingerprint = CertificateFingerprint::of(&bytes);
        assert_eq!(
            CertificateFingerprint::try_from(fingerprint.as_str().to_owned()),
            Ok(fingerprint.clone())
        );
        assert_eq!(fingerprint.bytes(), bytes);
        for wrong in ["", "AA", &"AA:".repeat(32), &format!("{}:GG", ["AA"; 31].join(":"))] {
            assert!(!reads::<CertificateFingerprint>(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_password_and_a_page_stay_out_of_logs() {
        let side = LanSide {
            fragment: IceFragment::try_from("abcd".to_owned()).unwrap(),
            password: IcePassword::try_from("s".repeat(24)).unwrap(),
            fingerprint: CertificateFingerprint::of(&[0; 32]),
        };
        let offer = LanOffer { peer: LanPeer::try_from("0f".repeat(16)).unwrap(), n: 1, side };
        let logged = format!("{offer:?}");
        assert!(!logged.contains("ssss") && !logged.contains("0f0f"), "{logged}");
    }
}
