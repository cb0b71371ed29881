//! The pushing end: one stream to one listener.
//!
//! It refuses to hold a frame back: what is sent goes out at once, a frame's packets together. Pacing is the
//! business of who makes the frames.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sapflow_srt as inner;

use crate::{CallerConfig, ConfigError, MAX_MESSAGE, Reason, Refusal, Transmit, config};

/// Bytes a second that the sender inside may put on the wire: in effect no pacing. It counts at least one
/// microsecond for each packet, by which [`Caller::drain`] goes ahead of the clock.
const UNPACED: u64 = 1_000_000_000;
const PACKET_STEP: Duration = Duration::from_micros(2);
/// Packets that one call may put on the wire, so that a long gap's repetition cannot flood a path.
const BURST: u32 = 512;
/// How long a listener may be silent in the handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What happened to the push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerEvent {
    /// The listener accepted; [`Caller::send`] works from now on.
    Connected {
        /// The latency both ends agreed on.
        latency: Duration,
    },
    /// It is over; the caller is of no more use.
    Closed(CallerEnd),
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
    /// More was lost than could be repeated.
    #[error("the network loses more than can be repeated; lower the rate or use another network")]
    NetworkTooLossy,
    /// What answers is not an SRT listener of this kind.
    #[error("what answers on this port does not speak SRT live mode version 5")]
    NotOurKind,
    /// [`Caller::close`] was called.
    #[error("the push was ended here")]
    ClosedHere,
}

impl CallerEnd {
    /// Whether trying again can help without a person doing anything first.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Full
            | Self::NoAnswer { .. }
            | Self::PeerGone
            | Self::PeerClosed
            | Self::NetworkTooLossy => true,
            Self::Refused(refusal) => refusal.may_pass(),
            Self::WrongPassphrase
            | Self::EncryptionRefused
            | Self::RefusedWithCode { .. }
            | Self::NotOurKind
            | Self::ClosedHere => false,
        }
    }

    fn from_inner(reason: inner::CallerCloseReason, port: u16) -> Self {
        use inner::{CallerCloseReason as R, RejectCode};
        match reason {
            R::Cancelled => Self::ClosedHere,
            R::ConnectTimeout | R::HandshakeLimit => Self::NoAnswer { port },
            R::PeerIdle | R::MediaExpired => Self::PeerGone,
            R::Rejected(code) => match (Refusal::from_code(code), RejectCode(code)) {
                (Some(refusal), _) => Self::Refused(refusal),
                (None, RejectCode::BADSECRET) => Self::WrongPassphrase,
                (None, RejectCode::UNSECURE) => Self::EncryptionRefused,
                (None, RejectCode::BACKLOG | RejectCode::RESOURCE) => Self::Full,
                (None, RejectCode(code)) => Self::RefusedWithCode { code },
            },
            R::UnsupportedPeer => Self::NotOurKind,
            R::Crypto => Self::WrongPassphrase,
            R::RetryLimit => Self::NetworkTooLossy,
            R::PeerClosed | R::PeerError(_) => Self::PeerClosed,
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

/// Counters of a push.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallerStats {
    /// Data packets on the wire, repetitions included.
    pub sent_packets: u64,
    /// Payload bytes in them.
    pub sent_bytes: u64,
    /// Of the packets, repetitions.
    pub repeated_packets: u64,
    /// Packets that the listener has.
    pub acknowledged_packets: u64,
    /// Packets sent and not yet acknowledged.
    pub unacknowledged_packets: u64,
    /// Round trip, zero until it was measured.
    pub rtt: Duration,
}

/// A push to one listener. See the crate's example for how to drive it.
pub struct Caller {
    inner: inner::Caller,
    port: u16,
    transmits: VecDeque<Transmit>,
}

impl Caller {
    /// Begins the handshake with `peer`: the first datagram stands in [`Self::poll_transmit`].
    ///
    /// # Errors
    /// When no handshake can be made of the configuration.
    pub fn new(config: CallerConfig, peer: SocketAddr, now: Instant) -> Result<Self, ConfigError> {
        let latency = config.latency;
        let inner = inner::Caller::new(
            inner::CallerConfig {
                stream_id: config.stream_id,
                latency,
                connect_timeout: CONNECT_TIMEOUT,
                send: inner::SendConfig {
                    bandwidth: UNPACED,
                    max_payload: MAX_MESSAGE,
                    ..inner::SendConfig::default()
                },
                crypto: Some(config::crypto(&config.passphrase)?),
                ..inner::CallerConfig::default()
            },
            peer,
            now,
        )
        .map_err(|error| match error {
            inner::caller::ConfigError::StreamId => ConfigError::StreamId,
            inner::caller::ConfigError::Peer => ConfigError::Peer { got: peer },
            inner::caller::ConfigError::Limits | inner::caller::ConfigError::SocketId => {
                ConfigError::Latency { got: latency }
            }
            inner::caller::ConfigError::Crypto => ConfigError::Random,
        })?;
        let mut caller = Self { inner, port: peer.port(), transmits: VecDeque::new() };
        caller.drain(now);
        Ok(caller)
    }

    /// Sends one message, at most [`MAX_MESSAGE`] bytes; it arrives whole or not at all.
    ///
    /// # Errors
    /// The message is gone; the reason says what to do.
    pub fn send(&mut self, message: Bytes, now: Instant) -> Result<(), SendRefusal> {
        let got = message.len();
        let result = self.inner.enqueue(now, message.into()).map_err(|error| match error {
            inner::SendError::NotConnected => SendRefusal::NotConnected,
            inner::SendError::Empty | inner::SendError::PayloadTooLarge => SendRefusal::Length { got },
            inner::SendError::QueueFull => SendRefusal::Full,
        });
        self.drain(now);
        result
    }

    /// A datagram arrived. What does not belong to this push is passed over.
    pub fn handle_datagram(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.inner.handle_datagram(now, from, data);
        self.drain(now);
    }

    /// The time asked for by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.inner.handle_timeout(now);
        self.drain(now);
    }

    /// Says goodbye: one last datagram, then `Closed`.
    pub fn close(&mut self, now: Instant) {
        self.inner.stop(now);
        self.drain(now);
    }

    /// When to call [`Self::handle_timeout`], and why; `None` once it is over.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        let reason = if self.inner.is_connected() { Reason::Connection } else { Reason::Handshake };
        self.inner.poll_timeout().map(|at| (at, reason))
    }

    /// The next datagram to put on the wire.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<CallerEvent> {
        Some(match self.inner.poll_event()? {
            inner::CallerEvent::Connected { latency, .. } => CallerEvent::Connected { latency },
            inner::CallerEvent::Closed { reason } => {
                CallerEvent::Closed(CallerEnd::from_inner(reason, self.port))
            }
        })
    }

    /// Whether [`Self::send`] has somebody to send to.
    pub fn is_connected(&self) -> bool {
        self.inner.is_connected()
    }

    /// Counters, kept after the end.
    pub fn stats(&self) -> CallerStats {
        let send = self.inner.stats().send;
        CallerStats {
            sent_packets: send.sent_packets,
            sent_bytes: send.sent_bytes,
            repeated_packets: send.retransmitted_packets,
            acknowledged_packets: send.acknowledged_packets,
            unacknowledged_packets: send.buffered_packets as u64,
            rtt: Duration::from_micros(send.rtt_us),
        }
    }

    /// Takes everything out of the sender inside. It gives one data packet per instant, so the instant steps
    /// ahead by less than anything measures.
    fn drain(&mut self, now: Instant) {
        let mut at = now;
        for _ in 0..BURST {
            let Some((to, data)) = self.inner.poll_transmit(at) else { break };
            self.transmits.push_back(Transmit { to, data: data.into() });
            at += PACKET_STEP;
        }
    }
}
