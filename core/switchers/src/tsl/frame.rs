//! Frames out of a stream or a datagram: 18 bytes of version 3.1, or a packet of 5.0 between DLE STX.
//!
//! Refuses to guess for ever: the first frame that is whole tells the version, unless it was named. Invariant: however
//! a stream is cut, the frames are the same; after garbage the next frame is found again.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use super::v31::{self, Record, record};
use super::v50::{self, Packet, packet};

const DLE: u8 = 0xfe;
const STX: u8 = 0x02;

/// Which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 18 bytes a display.
    V31,
    /// Packets of several displays.
    V50,
}

/// What a frame holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    Record(Record),
    Packet(Packet),
    Malformed,
}

/// Reads one datagram: records, a bare packet, or packets between DLE STX as some devices send them.
pub(super) fn datagram(bytes: &[u8], version: Option<Version>) -> Vec<Frame> {
    let bare = packet(bytes);
    match (version, bytes) {
        (Some(Version::V31), _) => records(bytes),
        (_, [DLE, STX, ..]) => {
            let mut framing = Framing::of(Version::V50);
            framing.push(bytes);
            let mut frames: Vec<_> = std::iter::from_fn(|| framing.poll()).collect();
            frames.extend(framing.finish());
            frames
        }
        (Some(Version::V50), _) => vec![bare.map_or(Frame::Malformed, Frame::Packet)],
        (None, _) => match bare {
            Ok(packet) => vec![Frame::Packet(packet)],
            Err(_) => records(bytes),
        },
    }
}

fn records(bytes: &[u8]) -> Vec<Frame> {
    let (whole, rest) = bytes.as_chunks::<{ v31::LENGTH }>();
    if whole.is_empty() || !rest.is_empty() {
        return vec![Frame::Malformed];
    }
    whole.iter().map(|bytes| record(bytes).map_or(Frame::Malformed, Frame::Record)).collect()
}

/// Frames of one TCP connection.
#[derive(Debug, Default)]
pub(super) struct Framing {
    version: Option<Version>,
    held: Vec<u8>,
}

impl Framing {
    /// A stream whose version is known.
    pub(super) fn of(version: Version) -> Self {
        Self { version: Some(version), held: Vec::new() }
    }

    /// Bytes arrived.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole frame.
    pub(super) fn poll(&mut self) -> Option<Frame> {
        match self.version {
            Some(Version::V31) => self.next_record(),
            Some(Version::V50) => self.next_packet(),
            None => {
                self.version = Some(match self.held.as_slice() {
                    [] | [DLE] => return None,
                    [DLE, STX, ..] => Version::V50,
                    _ => Version::V31,
                });
                self.poll()
            }
        }
    }

    /// What a datagram held last: a packet has no end of its own but its count.
    fn finish(&mut self) -> Option<Frame> {
        (!self.held.is_empty()).then_some(Frame::Malformed)
    }

    fn next_record(&mut self) -> Option<Frame> {
        let start = self.held.iter().position(|byte| byte & 0x80 != 0).unwrap_or(self.held.len());
        if start > 0 {
            self.held.drain(..start);
            return Some(Frame::Malformed);
        }
        let bytes = *self.held.first_chunk::<{ v31::LENGTH }>()?;
        let found = record(&bytes);
        // A record that is none may hide the beginning of one: only its first byte is lost.
        self.held.drain(..if found.is_some() { v31::LENGTH } else { 1 });
        Some(found.map_or(Frame::Malformed, Frame::Record))
    }

    /// DLE STX, then a packet whose every DLE is doubled. A single DLE with STX inside begins the next one.
    fn next_packet(&mut self) -> Option<Frame> {
        let begins = |pair: &[u8]| pair == [DLE, STX];
        match self.held.windows(2).position(begins) {
            Some(0) => {}
            Some(start) => {
                self.held.drain(..start);
                return Some(Frame::Malformed);
            }
            None => {
                let keep = usize::from(self.held.last() == Some(&DLE));
                let lost = self.held.len().saturating_sub(keep);
                self.held.drain(..lost);
                return (lost > 0).then_some(Frame::Malformed);
            }
        }
        let (packet_bytes, used) = match unstuffed(self.held.get(2..)?) {
            Unstuffed::Whole(packet, used) => (packet, used),
            Unstuffed::Partial => return None,
            Unstuffed::Broken => {
                self.held.drain(..2);
                return Some(Frame::Malformed);
            }
        };
        self.held.drain(..used.saturating_add(2));
        Some(packet(&packet_bytes).map_or(Frame::Malformed, Frame::Packet))
    }
}

/// A packet as a stream carries it: DLE STX, then every DLE doubled.
pub(super) fn stuffed(packet: &[u8]) -> Vec<u8> {
    let doubled = packet.iter().flat_map(|byte| std::iter::repeat_n(*byte, if *byte == DLE { 2 } else { 1 }));
    [DLE, STX].into_iter().chain(doubled).collect()
}

enum Unstuffed {
    /// The packet, and how many stuffed bytes it took.
    Whole(Vec<u8>, usize),
    Partial,
    Broken,
}

/// Takes the stuffing out, once, until the packet's own count is reached.
fn unstuffed(bytes: &[u8]) -> Unstuffed {
    let mut packet = Vec::new();
    let mut rest = bytes.iter().enumerate();
    while let Some((at, byte)) = rest.next() {
        if *byte == DLE {
            match rest.next() {
                Some((_, &DLE)) => packet.push(DLE),
                Some(_) => return Unstuffed::Broken,
                None => return Unstuffed::Partial,
            }
        } else {
            packet.push(*byte);
        }
        let used = at.saturating_add(if *byte == DLE { 2 } else { 1 });
        if let Some(count) = packet.first_chunk::<2>() {
            let whole = usize::from(u16::from_le_bytes(*count)).saturating_add(2);
            if whole > v50::MOST {
                return Unstuffed::Broken;
            }
            if packet.len() >= whole {
                return Unstuffed::Whole(packet, used);
            }
        }
    }
    Unstuffed::Partial
}
