//! SRT live mode behind one seam, sans-IO, both ends: a [`Listener`] that receives many publishers on one
//! port, a [`Caller`] that pushes one stream (draft-sharabayko-srt-01).
//!
//! This crate refuses to open sockets, read clocks, or carry anything that is not encrypted with AES-256: a
//! caller without a passphrase, with another one or with a shorter key is turned away with a code that says so.
//! No type of the implementation inside appears outside, so that it can be replaced without touching a shell.
//!
//! Invariant: after each `handle_*` or verb, everything that there is to send and to know stands in
//! `poll_transmit` and `poll_event`; drain both to `None`, then wait until `poll_timeout` or the next datagram.
//!
//! ```
//! # use std::{net::SocketAddr, time::{Duration, Instant}};
//! # use returnfeed_srt::{Caller, CallerConfig};
//! # fn send(_: SocketAddr, _: &[u8]) {}
//! # fn drive(peer: SocketAddr, now: Instant) -> Result<(), returnfeed_srt::ConfigError> {
//! let mut caller = Caller::new(
//!     CallerConfig {
//!         stream_id: "#!::m=publish,r=...,k=...".to_owned(),
//!         passphrase: "ten characters at least".into(),
//!         latency: Duration::from_millis(20),
//!     },
//!     peer,
//!     now,
//! )?;
//! while let Some(transmit) = caller.poll_transmit() {
//!     send(transmit.to, &transmit.data);
//! }
//! # Ok(())
//! # }
//! ```

mod allowance;
mod caller;
mod config;
mod listener;
mod refusal;

use std::net::SocketAddr;

use bytes::Bytes;

pub use caller::{Caller, CallerEnd, CallerEvent, CallerStats, SendRefusal};
pub use config::{CallerConfig, ConfigError, ListenerConfig};
pub use listener::{CloseReason, ConnectionId, ConnectionStats, Listener, ListenerEvent};
pub use refusal::Refusal;

/// The longest message that [`Caller::send`] takes, in bytes: seven TS packets, what every SRT peer expects.
pub const MAX_MESSAGE: usize = 1316;

/// A datagram to put on the wire now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Where to.
    pub to: SocketAddr,
    /// What.
    pub data: Bytes,
}

/// Why `poll_timeout` asks to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A handshake is to be repeated or given up.
    Handshake,
    /// A connection delivers, acknowledges, asks again, keeps alive, or gives up.
    Connection,
}
