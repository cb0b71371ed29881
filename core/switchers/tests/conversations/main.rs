//! Conversations with switchers as run-sheets in virtual time, on samples of what they say.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test, with the line")]

mod atem;
mod hostile;
mod obs;
mod talk;
mod tell;
mod tsl;
mod vmix;
