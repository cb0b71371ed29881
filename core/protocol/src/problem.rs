//! One shape for every refusal, over HTTP and WebSocket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A problem document (RFC 9457) with a stable `code`. Nobody matches the sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Problem {
    /// HTTP status, also where the message travels by WebSocket.
    pub status: u16,
    /// Stable and machine-readable: `token_expired`, `session_not_found`, ...
    pub code: String,
    /// What happened, one short sentence.
    pub title: String,
    /// What to do about it.
    pub detail: String,
}
