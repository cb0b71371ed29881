//! Foreign switchers whose tally is heard.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Rest;

/// A foreign switcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowSwitcher {
    /// In reasons and in cameras' feeds: letters, digits, `-` and `_`; no two alike.
    pub name: String,
    /// Its host; of TSL the address of ours to listen on.
    pub host: String,
    /// Absent: the one that is usual for its kind; TSL has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub port: Option<u16>,
    /// What it is.
    pub protocol: SwitcherProtocol,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

/// What a switcher is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SwitcherProtocol {
    /// vMix's TCP API.
    Vmix {
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// OBS's WebSocket server.
    Obs {
        /// Where it wants one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        password: Option<SecretRef>,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// An ATEM switcher.
    Atem {
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// A sender of TSL UMD, which calls us.
    Tsl {
        /// Absent: told from the bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        version: Option<TslVersion>,
        /// How it comes.
        #[serde(default)]
        transport: TslTransport,
        /// Of 5.0: only this screen; absent: all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        screen: Option<u16>,
        /// Which tally, 1 to 4, means programme; absent: as the sender's protocol usually has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        programme: Option<u8>,
        /// Which tally, 1 to 4, means preview.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        preview: Option<u8>,
        /// Displays whose tallies mean something of their own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<TslDisplay>>", optional)]
        displays: Vec<TslDisplay>,
        /// After how many seconds of silence it counts as lost; absent: never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        silence_s: Option<u16>,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
}

/// A display of TSL UMD whose tallies are its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct TslDisplay {
    /// Its address (3.1) or index (5.0).
    pub display: u16,
    /// Which tally means programme: 1 to 4 of 3.1; of 5.0 the left, text and right lamp from 1.
    pub programme: u8,
    /// Which means preview; the same as programme: by its colour (5.0).
    pub preview: u8,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

/// Version of TSL UMD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub enum TslVersion {
    /// 18 bytes a display.
    #[serde(rename = "3.1")]
    V31,
    /// Several displays a packet.
    #[serde(rename = "5.0")]
    V50,
}

/// How TSL UMD comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TslTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// A connection.
    Tcp,
}

/// The name of a secret that stays on each machine, in its keyring or a file; the secret itself is in no show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SecretRef {
    /// Letters, digits, `-`, `_` and `.`; at most 64.
    pub secret: String,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

impl SecretRef {
    /// The secret of this name.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), rest: Rest::new() }
    }
}
