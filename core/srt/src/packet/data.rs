//! A data packet (3.1): one message of live mode, encrypted with one of two keys.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use super::{HEADER, MAX_PAYLOAD, Words};
use crate::seq::Seq;

/// Live mode carries each message in one packet: "PP" is 11.
const SOLO: u32 = 0b11 << 30;
const IN_ORDER: u32 = 1 << 29;
const KEY_SHIFT: u32 = 27;
const REPEATED: u32 = 1 << 26;
const MESSAGE: u32 = REPEATED - 1;

/// Which of the two keys of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeySlot {
    /// "KK" 01.
    Even,
    /// "KK" 10.
    Odd,
}

impl KeySlot {
    /// The one that is used after this one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Even => Self::Odd,
            Self::Odd => Self::Even,
        }
    }

    /// As "KK".
    pub(crate) const fn flag(self) -> u8 {
        match self {
            Self::Even => 1,
            Self::Odd => 2,
        }
    }
}

/// A data packet, its payload still as it travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DataPacket<'a> {
    /// Its place.
    pub(crate) seq: Seq,
    /// Whether it is a whole message, as live mode sends them.
    pub(crate) solo: bool,
    /// The key it is encrypted with; `None` in clear.
    pub(crate) key: Option<KeySlot>,
    /// Sent again, as the sender says.
    pub(crate) repeated: bool,
    /// The sender's count of messages.
    pub(crate) message: u32,
    /// Microseconds since the sender's start.
    pub(crate) timestamp: u32,
    /// The receiver's socket id.
    pub(crate) to: u32,
    /// What it carries.
    pub(crate) payload: &'a [u8],
}

impl<'a> DataPacket<'a> {
    /// `None` when too short, too long, or with both keys at once.
    pub(crate) fn parse(datagram: &'a [u8]) -> Option<Self> {
        let mut words = Words(datagram);
        let seq = Seq::new(words.u32()?);
        let flags = words.u32()?;
        let timestamp = words.u32()?;
        let to = words.u32()?;
        let key = match (flags >> KEY_SHIFT) & 0b11 {
            0 => None,
            1 => Some(KeySlot::Even),
            2 => Some(KeySlot::Odd),
            _ => return None,
        };
        if words.0.is_empty() || words.0.len() > MAX_PAYLOAD {
            return None;
        }
        Some(Self {
            seq,
            solo: flags & SOLO == SOLO,
            key,
            repeated: flags & REPEATED != 0,
            message: flags & MESSAGE,
            timestamp,
            to,
            payload: words.0,
        })
    }

    /// The datagram.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut datagram = Vec::with_capacity(HEADER.saturating_add(self.payload.len()));
        let key = self.key.map_or(0, |key| u32::from(key.flag()) << KEY_SHIFT);
        let solo = if self.solo { SOLO } else { 0 };
        let repeated = if self.repeated { REPEATED } else { 0 };
        let flags = solo | IN_ORDER | key | repeated | (self.message & MESSAGE);
        for word in [self.seq.get(), flags, self.timestamp, self.to] {
            datagram.extend_from_slice(&word.to_be_bytes());
        }
        datagram.extend_from_slice(self.payload);
        datagram
    }
}

/// The same datagram, marked as sent again.
pub(crate) fn as_repeated(datagram: &[u8]) -> Vec<u8> {
    let mut copy = datagram.to_vec();
    if let Some(byte) = copy.get_mut(4) {
        *byte |= (REPEATED >> 24) as u8;
    }
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let packet = DataPacket {
            seq: Seq::new(0x7fff_fffe),
            solo: true,
            key: Some(KeySlot::Odd),
            repeated: false,
            message: 77,
            timestamp: 123_456,
            to: 42,
            payload: &[1, 2, 3],
        };
        let datagram = packet.write();
        assert_eq!(DataPacket::parse(&datagram), Some(packet));
        let again = as_repeated(&datagram);
        assert_eq!(DataPacket::parse(&again), Some(DataPacket { repeated: true, ..packet }));
        assert_eq!(DataPacket::parse(datagram.get(..16).unwrap()), None, "no payload");
    }
}
