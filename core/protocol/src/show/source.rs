//! What can be put on air, and who puts it there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Rest;
use crate::CameraNumber;

/// A source of the switcher. Its place in the list, counted from 1, is its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowSource {
    /// As the director calls it; empty: as its input is called.
    #[serde(default)]
    pub name: String,
    /// Which camera it carries; absent: none, as a graphic or a clip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub camera: Option<CameraNumber>,
    /// Where its picture comes from.
    pub input: SourceInput,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

/// Where a source's picture comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SourceInput {
    /// A moving picture with a clock.
    Test {
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// A file, in a loop; or a named pipe.
    File {
        /// On the machine that runs the show.
        path: String,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// A camera or capture card of Video4Linux.
    V4l2 {
        /// As in `/dev/video0`.
        device: String,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// An NDI source by its full name.
    Ndi {
        /// `MACHINE (NAME)`.
        name: String,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// An NDI source by its address.
    NdiAddress {
        /// As in `192.168.1.20:5961`.
        address: String,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
}

/// Who cuts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum ProgrammeMode {
    /// The director, here.
    Own {
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
    /// Another switcher: its programme is one of our sources, its tally comes from `switchers`.
    Beside {
        /// The source that carries its programme, counted from 1.
        source: u16,
        /// Kept for a newer program of this version.
        #[serde(flatten)]
        #[ts(skip)]
        rest: Rest,
    },
}

impl Default for ProgrammeMode {
    fn default() -> Self {
        Self::Own { rest: Rest::new() }
    }
}
