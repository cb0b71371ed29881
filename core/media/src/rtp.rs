//! RTP payloads: H.264 by RFC 6184, packetization mode 1; Opus by RFC 7587. Headers are the sender's matter.
//!
//! Refuses to carry delimiters, filler and our capture-time SEI: each costs every viewer a packet.
//! Invariant: no payload exceeds its limit, and a unit's last payload alone has the marker.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use crate::h264::{nals, stays_home};

/// NAL unit type of an aggregation packet (RFC 6184 5.7.1).
const STAP_A: u8 = 24;
/// NAL unit type of a fragment (5.8).
const FU_A: u8 = 28;
/// nal_ref_idc.
const NRI: u8 = 0x60;
/// The smallest limit that leaves room for a fragment's two header bytes and something behind them.
const MIN_PAYLOAD: usize = 16;

/// One RTP payload, shared by every viewer it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// What stands behind the RTP header.
    pub data: Arc<[u8]>,
    /// The marker bit: the last packet of an access unit.
    pub marker: bool,
}

/// The payloads of one access unit, each at most `max_payload` bytes (at least 16).
///
/// Neighbouring NAL units that fit together share a payload (STAP-A), so parameter sets cost no packet of their
/// own; what is too large is cut into fragments of equal size (FU-A).
pub fn packetize_h264(annexb: &[u8], max_payload: usize) -> Vec<Payload> {
    let limit = max_payload.clamp(MIN_PAYLOAD, usize::from(u16::MAX));
    let mut payloads = Vec::new();
    let mut group = Group::new(limit);
    for nal in nals(annexb).filter(|nal| !stays_home(nal)) {
        if nal.bytes().len() > limit {
            group.flush(&mut payloads);
            fragment(nal.bytes(), limit, &mut payloads);
        } else {
            if !group.takes(nal.bytes()) {
                group.flush(&mut payloads);
            }
            group.push(nal.bytes());
        }
    }
    group.flush(&mut payloads);
    if let Some(last) = payloads.last_mut() {
        last.marker = true;
    }
    payloads
}

/// The payload of one Opus packet: the packet itself. The marker would say that silence ended, and ours never
/// begins: the encoder sends through it.
pub fn packetize_opus(packet: &[u8]) -> Payload {
    payload(packet.into())
}

const fn payload(data: Arc<[u8]>) -> Payload {
    Payload { data, marker: false }
}

/// NAL units that wait to share a payload.
struct Group<'a> {
    limit: usize,
    nals: Vec<&'a [u8]>,
    /// Bytes as STAP-A: its header, and each unit with two bytes of size.
    size: usize,
}

impl<'a> Group<'a> {
    const fn new(limit: usize) -> Self {
        Self { limit, nals: Vec::new(), size: 1 }
    }

    fn grown_by(&self, nal: &[u8]) -> usize {
        self.size.saturating_add(nal.len()).saturating_add(2)
    }

    fn takes(&self, nal: &[u8]) -> bool {
        self.nals.is_empty() || self.grown_by(nal) <= self.limit
    }

    fn push(&mut self, nal: &'a [u8]) {
        self.size = self.grown_by(nal);
        self.nals.push(nal);
    }

    fn flush(&mut self, out: &mut Vec<Payload>) {
        match self.nals.as_slice() {
            [] => {}
            [single] => out.push(payload((*single).into())),
            several => out.push(payload(aggregate(several, self.size))),
        }
        *self = Self::new(self.limit);
    }
}

fn aggregate(nals: &[&[u8]], size: usize) -> Arc<[u8]> {
    let headers = nals.iter().filter_map(|nal| nal.first());
    // F is the OR and NRI the maximum of the units within (5.7).
    let forbidden = headers.clone().fold(0, |bits, header| bits | (header & 0x80));
    let importance = headers.map(|header| header & NRI).max().unwrap_or(0);
    let mut data = Vec::with_capacity(size);
    data.push(forbidden | importance | STAP_A);
    for nal in nals {
        data.extend_from_slice(&u16::try_from(nal.len()).unwrap_or(0).to_be_bytes());
        data.extend_from_slice(nal);
    }
    data.into()
}

/// Fragments of equal size: a last one of a few bytes would cost a packet like any other.
fn fragment(nal: &[u8], limit: usize, out: &mut Vec<Payload>) {
    let Some((header, body)) = nal.split_first() else { return };
    let count = body.len().div_ceil(limit.saturating_sub(2).max(1)).max(1);
    let pieces = body.chunks(body.len().div_ceil(count).max(1));
    let last = pieces.len().saturating_sub(1);
    for (index, piece) in pieces.enumerate() {
        let start = if index == 0 { 0x80 } else { 0 };
        let end = if index == last { 0x40 } else { 0 };
        let head = [(header & 0xe0) | FU_A, start | end | (header & 0x1f)];
        out.push(payload(head.into_iter().chain(piece.iter().copied()).collect()));
    }
}
