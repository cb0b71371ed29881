//! A layer's push as the server sees it: what came, how well, and how old the pictures are when they come.

use std::sync::Arc;
use std::time::Duration;

use returnfeed_protocol::{Layer, PublishKeyId};
use returnfeed_srt::ConnectionStats;

use crate::metrics::Counter;

/// What a connection brought, counted where it arrives.
#[derive(Debug, Default)]
pub(crate) struct Arrived {
    pub(crate) bytes: Counter,
    pub(crate) messages: Counter,
}

/// One connection, some moments ago at most.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) key: PublishKeyId,
    pub(crate) arrived: Arc<Arrived>,
    pub(crate) stats: ConnectionStats,
    /// From capture to arrival; known where the encoder stamps its pictures and its clock can be believed.
    pub(crate) delay: Option<Duration>,
}

/// A push that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushQuality {
    /// Which layer it brings.
    pub layer: Layer,
    /// Payload bytes since it began.
    pub bytes: u64,
    /// Messages since it began.
    pub messages: u64,
    /// What SRT counted and measured.
    pub stats: ConnectionStats,
    /// From capture to arrival, averaged over a quarter of a second; none where the encoder does not stamp its
    /// pictures or its clock cannot be believed.
    pub delay: Option<Duration>,
}

impl Push {
    /// As it stands.
    pub(crate) fn quality(&self, layer: Layer) -> PushQuality {
        PushQuality {
            layer,
            bytes: self.arrived.bytes.get(),
            messages: self.arrived.messages.get(),
            stats: self.stats,
            delay: self.delay,
        }
    }
}
