//! MPEG-TS mux and demux, H.264 access units, Opus in TS, capture time, RTP payloads: bytes in, bytes out.
//!
//! The crate refuses sockets, files, clocks and threads, and it refuses to wait: [`TsMuxer`] flushes every unit
//! whole, [`TsDemuxer`] ends a unit by what the standard says about *that* unit and not by the next one.
//!
//! Invariant: no input panics, and memory stays below [`MAX_UNIT`] per track and a few packets.
//!
//! | standard | where |
//! |---|---|
//! | ISO/IEC 13818-1 (transport stream, PES, PSI) | [`TsMuxer`], [`TsDemuxer`] |
//! | ETSI TS 103 491 and the "Opus in MPEG-TS" draft it takes up | [`opus`] |
//! | ITU-T H.264 7.3, 7.4, Annex B, D.1.7, E.1.1 | [`h264`], [`capture_time`] |
//! | RFC 6184 packetization mode 1, RFC 7587 | [`rtp`] |

pub mod capture_time;
mod demux;
pub mod h264;
mod mux;
pub mod opus;
mod read;
pub mod remote_clock;
pub mod rtp;
mod sei;
mod ts;
mod unit;

pub use demux::{AudioFormat, DemuxEvent, DemuxProblem, DiscontinuityCause, Effect, TsDemuxer, VideoFormat};
pub use mux::{AudioConfig, MuxConfig, TsMuxer};
pub use unit::{Track, Unit};

/// The largest access unit that the demuxer assembles, in bytes: forty times the largest keyframe of the high
/// layer, and the bound on what a hostile sender can make it hold.
pub const MAX_UNIT: usize = 2 * 1024 * 1024;

/// The largest message of the muxer: seven transport packets, what SRT live mode sends as one datagram.
pub const MAX_MESSAGE: usize = ts::PACKETS_PER_MESSAGE * ts::PACKET;
