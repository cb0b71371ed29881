//! SRT live mode, sans-IO, both ends: a [`Listener`] that receives many publishers on one port and serves those who
//! request a stream, a [`Caller`] that pushes one stream or requests one (draft-sharabayko-srt-01, whose sections are named where they are implemented).
//!
//! What it is for is express delivery: messages are handed up in order as they arrive, and only what stands behind
//! a gap waits.
//!
//! This crate refuses to open sockets, read clocks, or carry anything that is not encrypted with AES-256: a
//! caller without a passphrase, with another one or with a shorter key is turned away with a code that says so.
//!
//! Invariant: after each `handle_*` or verb, everything that there is to send and to know stands in
//! `poll_transmit` and `poll_event`; drain both to `None`, then wait until `poll_timeout` or the next datagram.
//!
//! ```
//! # use std::{net::SocketAddr, time::{Duration, Instant}};
//! # use returnfeed_srt::{Caller, CallerConfig, Seed};
//! # fn send(_: SocketAddr, _: &[u8]) {}
//! # fn drive(random: [u8; 32], peer: SocketAddr, now: Instant) -> Result<(), returnfeed_srt::ConfigError> {
//! let mut caller = Caller::new(
//!     CallerConfig {
//!         stream_id: "#!::m=publish,r=...,k=...".to_owned(),
//!         passphrase: "ten characters at least".into(),
//!         latency: Duration::from_millis(20),
//!     },
//!     &Seed::from(random), // from the operating system, and used once
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
mod cookie;
mod crypto;
mod link;
mod listener;
mod packet;
mod random;
mod receiving;
mod recv;
mod refusal;
mod reject;
mod report;
mod rtt;
mod send;
mod sending;
mod seq;
mod stats;

use std::net::SocketAddr;

use bytes::Bytes;

pub use caller::{Caller, CallerEnd, CallerEvent, SendRefusal};
pub use config::{CallerConfig, ConfigError, ListenerConfig};
pub use listener::{CloseReason, ConnectionId, Listener, ListenerEvent};
pub use random::Seed;
pub use refusal::Refusal;
pub use report::{PathReport, Verdict};
pub use stats::{CallerStats, ConnectionStats};

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
