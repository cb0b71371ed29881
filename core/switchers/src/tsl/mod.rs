//! TSL UMD 3.1 and 5.0, over UDP and TCP: displays that a switcher, a router or a multiviewer lights.
//!
//! One way: nothing is ever asked. Which lamp means programme is not in the protocol, so [`Meaning`] says it. [`tell`] is
//! the other direction: our lamps, for displays and multiviewers that listen.

mod board;
mod frame;
mod session;
mod teller;
mod v31;
mod v50;

pub use board::{Lamp, Meaning, Meanings};
pub use frame::Version;
pub use session::{Transport, Tsl, TslConfig};
pub use teller::{TellerConfig, tell};
pub use v31::{Record, record};
pub use v50::{Colour, Display, Malformed, Packet, packet};
