//! Interoperability: foreign callers to our listener, our caller to foreign listeners, on real sockets of the
//! loopback, every byte compared. Foreign are libsrt in three programs (srt-live-transmit, GStreamer, ffmpeg).
//! The other Rust implementation meets ours in virtual time (tests/sapflow).

#![expect(clippy::disallowed_methods, reason = "real sockets and real programs need the real clock")]
#![expect(clippy::disallowed_types, reason = "a test of the real thing opens sockets; the crate does not")]
#![expect(clippy::unwrap_used, reason = "a harness fails loudly; lints see only #[test] functions as tests")]

mod push;
mod server;
mod tool;

mod foreign_callers;
mod foreign_listeners;
mod foreign_requesters;
mod refusals;

use std::hash::{BuildHasher, RandomState};
use std::net::UdpSocket;

use returnfeed_srt::Seed;

pub(crate) const PASSPHRASE: &str = "a passphrase of this session";
pub(crate) const STREAM_ID: &str = "#!::m=publish,r=test,layer=high,k=1";
/// Units that a test pushes: at 2 ms each, two seconds.
pub(crate) const UNITS: u32 = 1_000;

/// A numbered unit of seven TS packets.
pub(crate) fn unit(n: u32) -> Vec<u8> {
    let mut unit: Vec<u8> = n.to_be_bytes().repeat(329);
    for packet in unit.chunks_mut(188) {
        packet[0] = 0x47;
    }
    unit
}

pub(crate) fn units(count: u32) -> Vec<u8> {
    (0..count).flat_map(unit).collect()
}

/// Compares, and names the first place of difference instead of printing a megabyte.
pub(crate) fn assert_same(got: &[u8], expected: &[u8]) {
    let differs = got.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(differs, None, "the first different byte, in {} of {}", got.len(), expected.len());
    assert_eq!(got.len(), expected.len());
}

/// Random enough for a test: the standard library keys its hash tables from the operating system.
pub(crate) fn seed() -> Seed {
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0).to_be_bytes());
    }
    Seed::from(bytes)
}

/// Loses one datagram in so many, by dice that fall the same in each run.
pub(crate) struct Loss {
    each: u64,
    dice: u64,
}

impl Loss {
    /// Of zero: none.
    pub(crate) fn new(each: u64) -> Self {
        Self { each, dice: 0x9e37_79b9_7f4a_7c15 }
    }

    pub(crate) fn hits(&mut self) -> bool {
        // xorshift64
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.each > 0 && (self.dice >> 20).is_multiple_of(self.each)
    }
}

/// A port that nobody has now.
pub(crate) fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The address as libsrt's programs take it.
pub(crate) fn address(port: u16, more: &str) -> String {
    format!("srt://127.0.0.1:{port}?{more}")
}
