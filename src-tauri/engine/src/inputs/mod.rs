//! Foreign switchers whose tally is heard: vMix, OBS, ATEM, TSL UMD.
//!
//! `spec` says which, `wire` is the socket, `keeper` keeps the conversation, `mapping` says which input is which
//! camera. What is said is understood in `core/switchers`. Refuses to decide what a lamp shows; `core/tally` does.
//! Invariant: an input that cannot be heard says why, and is called again by itself.

mod keeper;
mod mapping;
mod spec;
mod wire;

use std::time::Duration;

use returnfeed_tally::InputFact;

pub use keeper::{Heard, run};
pub(crate) use mapping::{BUILT_IN, mapped};
pub use mapping::{CameraMap, MapError, Mapped};
pub use spec::{InputSpec, Kind, SpecError};

/// What an input does and says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputEvent {
    /// It is understood.
    Connected {
        /// Name and version of the switcher.
        software: String,
    },
    /// Every input, at each change.
    Inputs(Vec<InputFact>),
    /// It cannot be heard.
    Lost {
        /// Why and what to do.
        reason: String,
        /// When it is called again; `None`: it is waited for, or a person must act.
        retry_in: Option<Duration>,
    },
}
