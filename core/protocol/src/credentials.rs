//! What an encoder that is not ours is told, to push into a session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::SrtTarget;

/// Answer to `POST /api/sessions/{id}/credentials`. Whoever reads it can push into the session: it is for the
/// director's eyes.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct PublishCredentials {
    /// Where and how.
    pub srt: SrtTarget,
    /// Unix time in ms after which no new connection may use them.
    #[ts(type = "number")]
    pub expires_at: u64,
    /// Ready to be copied, the high layer.
    pub high: EncoderLines,
    /// Ready to be copied, the low layer.
    pub low: EncoderLines,
}

/// One layer's settings, ready to be copied.
#[derive(Clone, Serialize, Deserialize, TS, JsonSchema)]
pub struct EncoderLines {
    /// One address, for whatever takes one.
    pub url: String,
    /// OBS: Settings > Stream > Custom, as the server; the stream key stays empty.
    pub obs: String,
    /// A command that pushes the file `FILE`.
    pub ffmpeg: String,
    /// vMix: Settings > Outputs > SRT, each line a field.
    pub vmix: String,
}
