//! What the cloud says of shows. A show itself travels as its text, byte for byte.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ShowDigest;
use crate::ShowId;

/// A show as the cloud has it now: in the list, and in answer to whatever changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowEntry {
    /// Which.
    pub id: ShowId,
    /// Its name, or the one that it had when it was deleted.
    pub name: String,
    /// Counts from 1 by each save, deletion and restoration.
    #[ts(type = "number")]
    pub version: u64,
    /// Of its text; absent: it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub digest: Option<ShowDigest>,
    /// For `If-Match`; absent: it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub etag: Option<String>,
    /// Unix time in ms.
    #[ts(type = "number")]
    pub updated_at: u64,
}

/// One version of a show that the cloud keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowPast {
    /// Which.
    #[ts(type = "number")]
    pub version: u64,
    /// Of its text.
    pub digest: ShowDigest,
    /// The name that the show had.
    pub name: String,
    /// What the machine calls itself that saved it; may be empty.
    pub machine: String,
    /// Unix time in ms.
    #[ts(type = "number")]
    pub saved_at: u64,
}

/// `GET /api/shows/{id}/versions`: where a show stands, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct ShowHistory {
    /// As it is now.
    pub now: ShowEntry,
    /// The last versions, the newest first.
    pub versions: Vec<ShowPast>,
}
