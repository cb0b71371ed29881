//! What the application behind a listener learns.

use crate::link::Ended;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

/// One connection; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub(super) u64);

impl ConnectionId {
    /// A count that never repeats, and the socket id on the wire, which may.
    pub(super) const fn new(serial: u32, socket: u32) -> Self {
        Self((serial as u64) << 32 | socket as u64)
    }

    pub(super) const fn socket(self) -> u32 {
        self.0 as u32
    }
}

/// What the application learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenerEvent {
    /// Somebody wants to push or to be served. Answer with [`crate::Listener::accept`], [`crate::Listener::serve`] or
    /// [`crate::Listener::refuse`].
    Asked {
        /// To answer with.
        connection: ConnectionId,
        /// Who.
        peer: SocketAddr,
        /// What they ask for: their words, not to be trusted.
        stream_id: String,
    },
    /// The caller knew the passphrase; messages follow, or may be sent.
    Connected {
        /// Which.
        connection: ConnectionId,
        /// The latency both ends agreed on.
        latency: Duration,
    },
    /// One message, whole and in order.
    Message {
        /// From whom.
        connection: ConnectionId,
        /// What.
        data: Bytes,
    },
    /// Here, in the order of messages, some are missing for good: the hold ended, or the caller gave them up.
    Lost {
        /// From whom.
        connection: ConnectionId,
        /// How many.
        packets: u64,
    },
    /// It ended, other than by [`crate::Listener::close`] or [`crate::Listener::refuse`].
    Closed {
        /// Which.
        connection: ConnectionId,
        /// Why.
        reason: CloseReason,
    },
}

impl From<Ended> for CloseReason {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::PeerClosed => Self::PeerClosed,
            Ended::PeerGone => Self::PeerGone,
        }
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The caller said goodbye.
    #[error("the encoder ended its push")]
    PeerClosed,
    /// Nothing came for five seconds.
    #[error("nothing came from the encoder for five seconds")]
    PeerGone,
    /// Accepted, but its key material does not open with the passphrase.
    #[error("the encoder's passphrase is wrong; copy the session's SRT address into the encoder again")]
    WrongKey,
    /// Accepted, but its key is shorter than AES-256 has it.
    #[error(
        "the encoder's key is too short (pbkeylen={bytes}); set pbkeylen=32, which is AES-256, or leave it out"
    )]
    ShortKey {
        /// How long it is.
        bytes: u8,
    },
    /// Neither accepted nor refused in time.
    #[error("the server did not decide in time whether to accept the push")]
    NotAnswered,
}
