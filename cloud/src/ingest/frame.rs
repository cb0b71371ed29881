//! One unit on its way through the server: packetised once, shared by every viewer.

use std::time::{Instant, SystemTime};

use returnfeed_media::rtp::Payload;
use returnfeed_protocol::{Layer, MediaTime, SessionId};

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// An access unit.
    Video {
        /// Whether decoding can begin here.
        keyframe: bool,
        /// Whether something of this layer is missing right before it.
        after_gap: bool,
    },
    /// An Opus packet.
    Audio,
}

/// One unit, as it goes to the viewers of its session and to nobody else.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) session: SessionId,
    pub(crate) layer: Layer,
    pub(crate) content: Content,
    pub(crate) pts: MediaTime,
    /// When it was captured, on this machine's monotonic clock; the same line for sound and picture.
    pub(crate) at: Instant,
    /// When it was captured by the sender's wall clock, where the sender says so.
    pub(crate) captured: Option<SystemTime>,
    /// When its last byte was here.
    pub(crate) arrived: Instant,
    pub(crate) payloads: Vec<Payload>,
    pub(crate) bytes: usize,
}
