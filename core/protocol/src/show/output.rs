//! Where the programme goes, and how it is encoded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Rest, SecretRef};
use crate::{Bitrate, Layer};

/// A place where the programme goes when it does not go to a session of the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowOutput {
    /// As the director calls it.
    #[serde(default)]
    pub name: String,
    /// Which layer; each at most once.
    pub layer: Layer,
    /// Where to.
    pub target: OutputTarget,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OutputTarget {
    /// Any SRT server, AES-256.
    Srt {
        /// Its host.
        host: String,
        /// Its UDP port.
        port: u16,
        /// As the server wants it.
        #[serde(default)]
        stream_id: String,
        /// Of the key exchange.
        passphrase: SecretRef,
        /// Absent: 20.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        latency_ms: Option<u32>,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
}

/// How the programme is encoded. What is absent is chosen by the machine that runs the show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowQuality {
    /// The encoder element to try first; the others follow if it does not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub encoder: Option<String>,
    /// Video of the high layer: 100 000 to 20 000 000 bit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub high_bitrate: Option<Bitrate>,
    /// Video of the low layer: 20 000 to 5 000 000 bit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub low_bitrate: Option<Bitrate>,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}
