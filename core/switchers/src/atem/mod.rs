//! Blackmagic ATEM switchers, UDP port 9910: a reliable stream of commands over datagrams.
//!
//! RED and GREEN are the switcher's own `TlSr`, which counts keys, both sides of a transition and every bus of its
//! programme; names come from `InPr`.

mod codec;
mod derived;
mod session;
mod state;

pub use codec::{Command, Flags, Header, Malformed, commands, header};
pub use session::Atem;
pub use state::State;
