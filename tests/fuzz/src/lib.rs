//! The fuzz targets: each a plain function of bytes that holds an invariant of a core against whatever these bytes
//! make happen.
//!
//! Refuses clocks and randomness, so that a finding is one file. Each target reads its input as a script
//! ([`Script`]); two drivers share them: `tests/replay.rs` runs the kept corpus in every `./dev test`, and libFuzzer
//! (`src/driver.rs`, started by `tests/tools/fuzz.sh`) looks for inputs that reach further.

mod control;
mod data;
mod h264;
mod handshake;
mod line;
mod rtcp;
mod script;
mod stream;

pub use script::Script;

/// A target: its name, which is also its corpus' folder, and its function.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// As on the command line.
    pub name: &'static str,
    /// Panics if an invariant does not hold.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 6] = [
    Target { name: "handshake", run: handshake::run },
    Target { name: "control", run: control::run },
    Target { name: "data", run: data::run },
    Target { name: "stream", run: stream::run },
    Target { name: "h264", run: h264::run },
    Target { name: "rtcp", run: rtcp::run },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
