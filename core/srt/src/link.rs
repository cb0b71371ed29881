//! What every packet of a connection carries: the peer's socket id and the time since this end's start.

use std::time::Instant;

use crate::packet::{Control, ControlPacket};

/// Why a connection that stood is over, other than by a wish of this end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The peer said goodbye.
    PeerClosed,
    /// Nothing came for five seconds.
    PeerGone,
}

/// One end's view of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// The peer's socket id.
    pub(crate) to: u32,
    /// When this end's timestamps are zero.
    pub(crate) start: Instant,
}

impl Link {
    /// Microseconds since the start, wrapping after 71 minutes as the protocol has it.
    pub(crate) fn timestamp(&self, now: Instant) -> u32 {
        now.saturating_duration_since(self.start).as_micros() as u32
    }

    /// A control packet's datagram.
    pub(crate) fn write(&self, body: Control<'_>, now: Instant) -> Vec<u8> {
        ControlPacket { timestamp: self.timestamp(now), to: self.to, body }.write()
    }
}
