//! The engine on real parts: real sources, the real encoder, real SRT over the loopback, received and decoded.
//!
//! No part is faked. Tests wait for what they expect, up to [`stage::PATIENCE`], and assert order, completeness and
//! state; how fast this machine is stands in `./dev bench`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

mod decode;
mod director;
mod encoding;
mod files;
mod mixing;
mod pushing;
mod recording;
mod server;
mod sessions;
mod slates;
mod stage;
mod switching;
