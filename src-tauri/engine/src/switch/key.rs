//! The downstream key: a picture with holes that lies over the programme.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the key shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum KeyPicture {
    /// A still with transparency: a PNG; one of another size is scaled to the whole picture.
    Still {
        /// The file.
        path: PathBuf,
    },
    /// A lower third.
    LowerThird {
        /// Large.
        title: String,
        /// Below it; may be empty.
        #[serde(default)]
        subtitle: String,
    },
}
