//! The sender's side of RTP (RFC 3550): packet headers, RTCP both ways, what was sent and what of it arrived.
//!
//! It refuses to know ciphers, sockets and what is in a payload. What the other end writes is read without trust:
//! a message that is cut or lies ends where it does, and costs nothing but itself.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows has failed"))]

mod header;
mod history;
mod ntp;
mod outgoing;
mod repair;
pub mod rtcp;

pub use header::{ExtensionId, ExtensionIds, Extensions, Header, PlayoutDelay};
pub use history::{Arrival, Heard, History};
pub use ntp::Ntp;
pub use outgoing::Outgoing;
pub use repair::{Kept, Repair};
