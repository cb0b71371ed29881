//! One outgoing stream: how its packets are written.

use returnfeed_rtp::{ExtensionIds, Extensions, Header, Outgoing};

use super::outbox::Outbox;
use crate::egress::srtp::Sealer;

/// One stream as it was negotiated.
pub(in crate::egress) struct Line {
    pub(in crate::egress) outgoing: Outgoing,
    pub(in crate::egress) payload_type: u8,
    pub(in crate::egress) ids: ExtensionIds,
    pub(in crate::egress) mid: Box<[u8]>,
    /// The browser knows which section this stream belongs to: it has reported on it.
    pub(in crate::egress) bound: bool,
}

/// The stream on which packets are repeated.
pub(in crate::egress) struct Resend {
    pub(in crate::egress) line: Line,
    pub(in crate::egress) next_seq: u64,
}

impl Resend {
    /// The number of its next packet.
    pub(super) fn next(&mut self) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        seq
    }
}

/// What is different in each packet.
pub(super) struct Packet {
    /// Extended.
    pub(super) seq: u64,
    pub(super) timestamp: u32,
    pub(super) marker: bool,
    pub(super) padding: bool,
}

impl Line {
    /// The section's name, until the browser knows it (RFC 9143 9.2, as libwebrtc does it).
    pub(super) fn unbound_mid(&self) -> Option<&[u8]> {
        (!self.bound).then_some(&self.mid)
    }

    /// Writes a packet and seals it.
    pub(super) fn write(
        &self,
        packet: &Packet,
        extensions: &Extensions<'_>,
        payload: [&[u8]; 2],
        sealer: &Sealer,
        outbox: &mut Outbox,
    ) {
        let begin = outbox.begin();
        let Packet { seq, timestamp, marker, padding } = *packet;
        let ssrc = self.outgoing.ssrc();
        let header =
            Header { marker, padding, payload_type: self.payload_type, seq: seq as u16, timestamp, ssrc };
        header.write(&self.ids, extensions, &mut outbox.bytes);
        let body = outbox.bytes.len();
        payload.iter().for_each(|part| outbox.bytes.extend_from_slice(part));
        match sealer.seal_rtp(&mut outbox.bytes, begin, body, ssrc, seq) {
            Ok(()) => outbox.end(),
            Err(error) => {
                tracing::debug!(%error, "a packet was not sealed");
                outbox.undo(begin);
            }
        }
    }
}
