//! What happened to a push, in words for the director.

use std::time::Duration;

use bytes::Bytes;

use crate::link::Ended;
use crate::{MAX_MESSAGE, Refusal, reject};

/// What happened to the push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerEvent {
    /// The listener accepted; [`crate::Caller::send`] works from now on.
    Connected {
        /// The latency both ends agreed on.
        latency: Duration,
    },
    /// Of what was requested: one message, whole and in order.
    Message(Bytes),
    /// Of what was requested, in the order of messages: so many packets are missing for good.
    Lost(u64),
    /// It is over; the caller is of no more use.
    Closed(CallerEnd),
}

impl From<Ended> for CallerEnd {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::PeerClosed => Self::PeerClosed,
            Ended::PeerGone => Self::PeerGone,
        }
    }
}

/// Why a push ended, in words for the director.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallerEnd {
    /// Reject code 1010, or the listener's answer to our key was not ours.
    #[error("the passphrase is not this session's; copy the SRT address of this session again")]
    WrongPassphrase,
    /// Reject code 1011.
    #[error("the server wants no passphrase or another kind of encryption; it is not a ReturnFeed server")]
    EncryptionRefused,
    /// One of the refusals of docs/protocol.md.
    #[error(transparent)]
    Refused(Refusal),
    /// The listener has no room (1003, 1005).
    #[error("the server cannot take another push now; it is tried again")]
    Full,
    /// Any other reject code.
    #[error("the server refused the push with SRT code {code}; look into the server's log")]
    RefusedWithCode {
        /// As received.
        code: u32,
    },
    /// Nothing came back to the handshake.
    #[error("no answer from the server; check its address, that it runs, and that UDP port {port} is open")]
    NoAnswer {
        /// The port that was called.
        port: u16,
    },
    /// The connection stood and then nothing more came.
    #[error("the server stopped answering; the network is down or the server was stopped")]
    PeerGone,
    /// The listener said goodbye: it is stopping, or a newer push took this one's place.
    #[error("the server ended the push")]
    PeerClosed,
    /// What answers is not an SRT listener of this kind.
    #[error("what answers on this port does not speak SRT live mode version 5")]
    NotOurKind,
    /// [`crate::Caller::close`] was called.
    #[error("the push was ended here")]
    ClosedHere,
}

impl CallerEnd {
    /// Whether trying again can help without a person doing anything first.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Full | Self::NoAnswer { .. } | Self::PeerGone | Self::PeerClosed => true,
            Self::Refused(refusal) => refusal.may_pass(),
            Self::WrongPassphrase
            | Self::EncryptionRefused
            | Self::RefusedWithCode { .. }
            | Self::NotOurKind
            | Self::ClosedHere => false,
        }
    }

    /// What a listener's reject code means.
    pub(super) fn from_code(code: u32) -> Self {
        match (Refusal::from_code(code), code) {
            (Some(refusal), _) => Self::Refused(refusal),
            (None, reject::BAD_SECRET) => Self::WrongPassphrase,
            (None, reject::UNSECURE) => Self::EncryptionRefused,
            (None, reject::BACKLOG | reject::RESOURCE) => Self::Full,
            (None, code) => Self::RefusedWithCode { code },
        }
    }
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    /// Before `Connected` or after `Closed`.
    #[error("the push is not connected")]
    NotConnected,
    /// Empty, or longer than [`MAX_MESSAGE`].
    #[error("an SRT message has 1 to {MAX_MESSAGE} bytes, not {got}")]
    Length {
        /// How long it was.
        got: usize,
    },
    /// The network does not keep up: drop to the next keyframe.
    #[error("the network does not keep up with the push")]
    Full,
}
