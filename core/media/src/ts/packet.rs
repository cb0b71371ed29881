//! One transport packet: header and adaptation field (ISO/IEC 13818-1 2.4.3.2 to 2.4.3.5), read and written.
//!
//! Refuses to guess: a packet whose adaptation field does not fit gives `None`, and the gap it leaves in the
//! continuity counters does the rest.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use bytes::{Buf, BufMut, BytesMut};
use returnfeed_protocol::MediaTime;

use super::{BODY, PACKET, SYNC, time};
use crate::read::Reader;

const DISCONTINUITY: u8 = 0x80;
const RANDOM_ACCESS: u8 = 0x40;
const PCR: u8 = 0x10;

/// A packet's header and payload, borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet<'a> {
    pub(crate) pid: u16,
    /// payload_unit_start_indicator: a PES packet or a section begins here.
    pub(crate) starts: bool,
    /// transport_error_indicator.
    pub(crate) damaged: bool,
    pub(crate) scrambled: bool,
    pub(crate) counter: u8,
    /// discontinuity_indicator: the sender says that the counter may jump.
    pub(crate) announced_jump: bool,
    /// The adaptation field is longer than what it holds, which a sender does to end a unit.
    pub(crate) stuffed: bool,
    /// `None` for a packet that holds an adaptation field only.
    pub(crate) payload: Option<&'a [u8]>,
}

impl<'a> Packet<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() != PACKET {
            return None;
        }
        let mut reader = Reader::new(bytes);
        let [sync, a, b, c] = reader.array()?;
        if sync != SYNC {
            return None;
        }
        let mut packet = Self {
            pid: u16::from_be_bytes([a & 0x1f, b]),
            starts: a & 0x40 != 0,
            damaged: a & 0x80 != 0,
            scrambled: c & 0xc0 != 0,
            counter: c & 0x0f,
            announced_jump: false,
            stuffed: false,
            payload: None,
        };
        if c & 0x20 != 0 {
            let length = usize::from(reader.u8()?);
            packet.read_adaptation(reader.take(length)?);
        }
        if c & 0x10 != 0 {
            packet.payload = Some(reader.rest()).filter(|payload| !payload.is_empty());
        }
        Some(packet)
    }

    /// Table 2-6. A field of length 0, or with no flag at all, exists only to fill the packet.
    fn read_adaptation(&mut self, field: &[u8]) {
        let mut reader = Reader::new(field);
        let Some(flags) = reader.u8() else {
            self.stuffed = true;
            return;
        };
        self.announced_jump = flags & DISCONTINUITY != 0;
        self.stuffed =
            flags == 0 || Self::skip_optional(&mut reader, flags).is_some_and(|()| !reader.is_empty());
    }

    fn skip_optional(reader: &mut Reader<'_>, flags: u8) -> Option<()> {
        for (flag, size) in [(PCR, 6), (0x08, 6), (0x04, 1)] {
            if flags & flag != 0 {
                reader.take(size)?;
            }
        }
        // transport_private_data and the extension carry their own length.
        for flag in [0x02, 0x01] {
            if flags & flag != 0 {
                let length = usize::from(reader.u8()?);
                reader.take(length)?;
            }
        }
        Some(())
    }
}

/// What a written packet says beside its payload.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Field {
    pub(crate) pcr: Option<MediaTime>,
    pub(crate) random_access: bool,
    pub(crate) discontinuity: bool,
}

impl Field {
    /// Bytes that the adaptation field needs, its length byte included; 0 when there is nothing to say.
    pub(crate) const fn size(self) -> usize {
        match (self.pcr.is_some(), self.random_access || self.discontinuity) {
            (true, _) => 8,
            (false, true) => 2,
            (false, false) => 0,
        }
    }

    fn flags(self) -> u8 {
        let bit = |on: bool, flag: u8| if on { flag } else { 0 };
        bit(self.discontinuity, DISCONTINUITY)
            | bit(self.random_access, RANDOM_ACCESS)
            | bit(self.pcr.is_some(), PCR)
    }
}

/// Where a packet goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address {
    pub(crate) pid: u16,
    pub(crate) starts: bool,
    pub(crate) counter: u8,
}

/// Appends one packet with as much of `payload` as fits, stuffed where it ends.
pub(crate) fn write(out: &mut BytesMut, to: Address, field: Field, payload: &mut impl Buf) {
    let room = BODY.saturating_sub(field.size());
    let taken = room.min(payload.remaining());
    let adaptation = BODY.saturating_sub(taken);
    let control = match (adaptation > 0, taken > 0) {
        (true, true) => 0x30,
        (true, false) => 0x20,
        (false, _) => 0x10,
    };
    let [high, low] = to.pid.to_be_bytes();
    out.put_slice(&[
        SYNC,
        (high & 0x1f) | if to.starts { 0x40 } else { 0 },
        low,
        control | (to.counter & 0x0f),
    ]);
    if adaptation > 0 {
        write_adaptation(out, field, adaptation);
    }
    out.put(payload.take(taken));
}

/// `size` counts the length byte.
fn write_adaptation(out: &mut BytesMut, field: Field, size: usize) {
    let length = size.saturating_sub(1);
    out.put_u8(u8::try_from(length).unwrap_or(u8::MAX));
    if length == 0 {
        return;
    }
    out.put_u8(field.flags());
    if let Some(pcr) = field.pcr {
        out.put_slice(&time::encode_pcr(pcr));
    }
    let written = if field.pcr.is_some() { 7 } else { 1 };
    out.put_bytes(0xff, length.saturating_sub(written));
}
