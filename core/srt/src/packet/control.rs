//! A control packet (3.2): header, kind, and the kind's own fields.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use super::loss::LossList;
use super::{HEADER, Handshake, MAX_PAYLOAD, Words};
use crate::seq::Seq;

const CONTROL: u16 = 0x8000;
const KEY_REQUEST: u16 = 3;
const KEY_RESPONSE: u16 = 4;
/// Set beside the sequence number of a [`Control::KeepAlive`] that names one.
const NAMED: u32 = 0x8000_0000;

/// An acknowledgement's measurements; a light one has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AckReport {
    /// Microseconds.
    pub(crate) rtt: u32,
    /// Microseconds.
    pub(crate) rtt_variation: u32,
    /// Packets that still find room.
    pub(crate) room: u32,
    /// Packets a second.
    pub(crate) packet_rate: u32,
    /// Packets a second.
    pub(crate) capacity: u32,
    /// Bytes a second.
    pub(crate) byte_rate: u32,
}

/// What a control packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control<'a> {
    /// Getting to know each other.
    Handshake(Handshake<'a>),
    /// Still here. Between two ends of this crate it names the last packet that was sent, so that a lost one is
    /// known before the next frame; elsewhere the field is unused and nobody reads it (3.2.3).
    KeepAlive {
        /// The last packet sent.
        last: Option<Seq>,
    },
    /// Everything before `next` is there.
    Ack {
        /// To be confirmed by an ACKACK; 0 in a light one.
        number: u32,
        /// First packet that is not there yet.
        next: Seq,
        /// Of a full one.
        report: Option<AckReport>,
    },
    /// Send these again.
    Nak(LossList<'a>),
    /// Goodbye.
    Shutdown,
    /// Confirms an ACK.
    AckAck {
        /// Its number.
        number: u32,
    },
    /// These will not be sent (again).
    DropRequest {
        /// First of them.
        first: Seq,
        /// Last of them.
        last: Seq,
    },
    /// New keys.
    KeyRequest(&'a [u8]),
    /// The same bytes back, or a state.
    KeyResponse(&'a [u8]),
    /// A kind that live mode does not need.
    Other,
}

/// A control packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ControlPacket<'a> {
    /// Microseconds since the sender's start.
    pub(crate) timestamp: u32,
    /// The receiver's socket id; 0 in a handshake.
    pub(crate) to: u32,
    /// What it says.
    pub(crate) body: Control<'a>,
}

impl<'a> ControlPacket<'a> {
    /// `None` when its kind's fields are not there.
    pub(crate) fn parse(datagram: &'a [u8]) -> Option<Self> {
        let mut words = Words(datagram);
        let kind = words.u16()? & !CONTROL;
        let subkind = words.u16()?;
        let info = words.u32()?;
        let timestamp = words.u32()?;
        let to = words.u32()?;
        if words.0.len() > MAX_PAYLOAD {
            return None;
        }
        let body = match (kind, subkind) {
            (0, _) => Control::Handshake(Handshake::parse(words.0)?),
            (1, _) => Control::KeepAlive { last: (info & NAMED != 0).then(|| Seq::new(info)) },
            (2, _) => Control::Ack { number: info, next: Seq::new(words.u32()?), report: report(words) },
            (3, _) => Control::Nak(LossList(words.0)),
            (5, _) => Control::Shutdown,
            (6, _) => Control::AckAck { number: info },
            (7, _) => Control::DropRequest { first: Seq::new(words.u32()?), last: Seq::new(words.u32()?) },
            (0x7fff, KEY_REQUEST) => Control::KeyRequest(words.0),
            (0x7fff, KEY_RESPONSE) => Control::KeyResponse(words.0),
            _ => Control::Other,
        };
        Some(Self { timestamp, to, body })
    }

    /// The datagram. Kinds without fields carry four zero bytes, as libsrt writes them.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER.saturating_add(64));
        let (kind, subkind, info) = match self.body {
            Control::Handshake(_) => (0, 0, 0),
            Control::KeepAlive { last } => (1, 0, last.map_or(0, |last| last.get() | NAMED)),
            Control::Ack { number, .. } => (2, 0, number),
            Control::Nak(_) => (3, 0, 0),
            Control::Shutdown => (5, 0, 0),
            Control::AckAck { number } => (6, 0, number),
            Control::DropRequest { .. } => (7, 0, 0),
            Control::KeyRequest(_) => (0x7fff, KEY_REQUEST, 0),
            Control::KeyResponse(_) => (0x7fff, KEY_RESPONSE, 0),
            Control::Other => (0x7fff, 0, 0),
        };
        bytes.extend_from_slice(&(CONTROL | kind).to_be_bytes());
        bytes.extend_from_slice(&subkind.to_be_bytes());
        for word in [info, self.timestamp, self.to] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        match self.body {
            Control::Handshake(handshake) => handshake.write(&mut bytes),
            Control::Ack { next, report, .. } => {
                push(&mut bytes, &[next.get()]);
                if let Some(r) = report {
                    let fields = [r.rtt, r.rtt_variation, r.room, r.packet_rate, r.capacity, r.byte_rate];
                    push(&mut bytes, &fields);
                }
            }
            Control::Nak(LossList(list)) => bytes.extend_from_slice(list),
            Control::DropRequest { first, last } => push(&mut bytes, &[first.get(), last.get()]),
            Control::KeyRequest(key) | Control::KeyResponse(key) => bytes.extend_from_slice(key),
            Control::KeepAlive { .. } | Control::Shutdown | Control::AckAck { .. } | Control::Other => {
                push(&mut bytes, &[0]);
            }
        }
        bytes
    }
}

fn push(bytes: &mut Vec<u8>, words: &[u32]) {
    for word in words {
        bytes.extend_from_slice(&word.to_be_bytes());
    }
}

/// Older peers end after the third field or the fifth.
fn report(mut words: Words<'_>) -> Option<AckReport> {
    Some(AckReport {
        rtt: words.u32()?,
        rtt_variation: words.u32()?,
        room: words.u32()?,
        packet_rate: words.u32().unwrap_or(0),
        capacity: words.u32().unwrap_or(0),
        byte_rate: words.u32().unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        let report =
            AckReport { rtt: 1, rtt_variation: 2, room: 3, packet_rate: 4, capacity: 5, byte_rate: 6 };
        let (first, last) = (Seq::new(8), Seq::new(9));
        let bodies = [
            Control::KeepAlive { last: None },
            Control::KeepAlive { last: Some(Seq::new(0)) },
            Control::Ack { number: 0, next: first, report: None },
            Control::Ack { number: 7, next: first, report: Some(report) },
            Control::Nak(LossList(&[0, 0, 0, 3])),
            Control::Shutdown,
            Control::AckAck { number: 7 },
            Control::DropRequest { first, last },
            Control::KeyRequest(&[1, 2, 3, 4]),
            Control::KeyResponse(&[0, 0, 0, 4]),
            Control::Other,
        ];
        for body in bodies {
            let packet = ControlPacket { timestamp: 5, to: 6, body };
            assert_eq!(ControlPacket::parse(&packet.write()), Some(packet));
        }
    }
}
