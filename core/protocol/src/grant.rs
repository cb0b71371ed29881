//! The right to push: what a director's machine or a foreign encoder needs to reach the SRT port.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Epoch, PublishKeyId};

/// Answer to `POST /api/sessions/{id}/publish`. A newer grant takes over from an older one of the session.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct PublishGrant {
    /// The key; `k` of the stream id.
    pub key: PublishKeyId,
    /// The director run that this key begins.
    pub epoch: Epoch,
    /// Unix time in ms after which no new connection may use the key.
    #[ts(type = "number")]
    pub expires_at: u64,
    /// Where and how.
    pub srt: SrtTarget,
}

/// An SRT listener and what to say to it.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct SrtTarget {
    /// UDP port; the host is the one that answered this request.
    pub port: u16,
    /// AES-256 passphrase of the session, 10 to 79 characters.
    pub passphrase: String,
    /// Stream id of the high layer.
    pub stream_id_high: String,
    /// Stream id of the low layer.
    pub stream_id_low: String,
    /// Latency to negotiate, in ms.
    pub latency_ms: u16,
}
