//! What switchers say of their tally, without a socket: vMix, OBS, ATEM, TSL UMD.
//!
//! One folder each, of the same parts: a codec (bytes to words), a session (words to [`InputFact`]s, and when to ask
//! what), tests. All sessions are one shape, [`Session`], so that one shell drives them all.
//!
//! vMix and TSL have the other direction too: our lamps, told to those who expect a switcher ([`vmix::Server`],
//! [`tsl::tell`]).
//!
//! This crate refuses to control a switcher: it asks and listens. Invariants: a malformed frame is counted and costs
//! nothing else; a switcher that says nothing where it should is a [`Fault`], never its last word.

pub mod atem;
mod fault;
pub mod obs;
mod queue;
pub mod tsl;
pub mod vmix;

use std::time::Instant;

use returnfeed_tally::InputFact;

pub use fault::Fault;

/// Why a session wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// To ask for everything again: state heals what an event lost.
    Ask,
    /// The switcher should have spoken by then.
    Silence,
}

/// What a session wants done, or has learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this: bytes of a stream, one datagram, or one text message, as the switcher's transport is.
    Send(Vec<u8>),
    /// The switcher is understood: its name and version.
    Connected(String),
    /// Every input, at each change.
    Inputs(Vec<InputFact>),
}

/// A conversation with one switcher over one connection. When it faults, it is over: begin a new one.
pub trait Session: Send {
    /// Something arrived: bytes of a stream cut anywhere, one datagram, or one text message.
    ///
    /// # Errors
    /// When the conversation is over.
    fn handle_input(&mut self, data: &[u8], now: Instant) -> Result<(), Fault>;

    /// The time asked for by [`Self::poll_timeout`] has come.
    ///
    /// # Errors
    /// When the conversation is over.
    fn handle_timeout(&mut self, now: Instant) -> Result<(), Fault>;

    /// When to call [`Self::handle_timeout`], and why.
    fn poll_timeout(&self) -> Option<(Instant, Reason)>;

    /// What to do; drain to `None` after each mutation.
    fn poll_output(&mut self) -> Option<Output>;

    /// Frames refused so far because they were malformed.
    fn malformed(&self) -> u64;
}
