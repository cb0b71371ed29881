//! Packets out of messages: alignment, and finding it again in garbage.
//!
//! Invariant: at most one packet is carried from one message to the next.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::mem;

use crate::ts::{PACKET, SYNC};

/// What a message was, as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Whole packets from its first byte to its last.
    Aligned,
    /// Anything else.
    Ragged,
}

#[derive(Debug, Default)]
pub(crate) struct Framer {
    carry: Vec<u8>,
    locked: bool,
    /// Bytes skipped since the last packet.
    garbage: usize,
}

impl Framer {
    /// Hands over each packet that `message` holds or completes.
    pub(crate) fn push(&mut self, message: &[u8], mut on_packet: impl FnMut(&[u8])) -> Shape {
        if self.carry.is_empty() && is_aligned(message) {
            self.locked = true;
            self.garbage = 0;
            message.chunks_exact(PACKET).for_each(on_packet);
            return Shape::Aligned;
        }
        let carried = self.carry.len();
        let mut bytes = mem::take(&mut self.carry);
        bytes.extend_from_slice(message);
        let mut rest = bytes.as_slice();
        while let Some((packet, behind)) = rest.split_at_checked(PACKET) {
            if !self.locked && behind.is_empty() && packet.first() == Some(&SYNC) {
                break; // the byte behind it will tell
            }
            let spans_messages = bytes.len().saturating_sub(rest.len()) < carried;
            if self.believes(packet, behind, spans_messages) {
                (self.locked, self.garbage) = (true, 0);
                on_packet(packet);
                rest = behind;
            } else {
                rest = self.skip(rest);
            }
        }
        self.carry = rest.to_vec();
        Shape::Ragged
    }

    /// Bytes since the last packet that were no packet.
    pub(crate) const fn garbage(&self) -> usize {
        self.garbage
    }

    /// In lock a sync byte is enough, unless the packet was put together from two messages, one of which may be
    /// missing between them. Out of lock the next two packets must show theirs too, as far as they are there.
    fn believes(&self, packet: &[u8], behind: &[u8], spans_messages: bool) -> bool {
        let agrees = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == SYNC);
        packet.first() == Some(&SYNC)
            && match (self.locked, spans_messages) {
                (true, false) => true,
                (true, true) => agrees(behind.first()),
                (false, _) => behind.first() == Some(&SYNC) && agrees(behind.get(PACKET)),
            }
    }

    /// To the next byte that could begin a packet.
    fn skip<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.locked = false;
        let next = bytes.iter().skip(1).position(|byte| *byte == SYNC);
        let skipped = next.map_or(bytes.len(), |at| at.saturating_add(1));
        self.garbage = self.garbage.saturating_add(skipped);
        bytes.get(skipped..).unwrap_or_default()
    }
}

fn is_aligned(message: &[u8]) -> bool {
    let packets = message.chunks_exact(PACKET);
    packets.remainder().is_empty() && packets.clone().all(|packet| packet.first() == Some(&SYNC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(fill: u8) -> Vec<u8> {
        let mut packet = vec![fill; PACKET];
        packet[0] = SYNC;
        packet
    }

    fn fills_of(messages: &[&[u8]]) -> Vec<u8> {
        let (mut framer, mut fills) = (Framer::default(), Vec::new());
        for message in messages {
            framer.push(message, |packet| fills.push(packet[100]));
            assert!(framer.carry.len() <= PACKET);
        }
        fills
    }

    fn stream(count: u8) -> Vec<u8> {
        (1..=count).flat_map(packet).collect()
    }

    #[test]
    fn whole_packets_are_handed_over_at_once() {
        assert_eq!(fills_of(&[&stream(3), &stream(1)]), [1, 2, 3, 1]);
    }

    #[test]
    fn messages_cut_anywhere_give_the_same_packets() {
        let bytes = stream(9);
        for size in 1..400 {
            let messages: Vec<_> = bytes.chunks(size).collect();
            let fills = fills_of(&messages);
            // The last may wait for a sync byte behind it while the lock is not yet there.
            assert!(
                fills == (1..=9).collect::<Vec<_>>() || fills == (1..=8).collect::<Vec<_>>(),
                "{size}: {fills:?}"
            );
        }
    }

    #[test]
    fn garbage_before_between_and_behind_is_skipped() {
        let good = stream(3);
        let junk: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        let bytes = [&junk[..], &good, &junk[..77], &good].concat();
        let fills = fills_of(&[&bytes, &stream(2)]);
        assert_eq!(fills.iter().filter(|fill| (1..=3).contains(*fill)).count(), 8, "{fills:?}");
    }

    #[test]
    fn a_packet_whose_second_half_never_came_is_dropped() {
        let bytes = stream(4);
        let (first, rest) = bytes.split_at(PACKET + 50);
        let after_the_gap = &rest[PACKET - 20..];
        assert_eq!(fills_of(&[&stream(2), first, after_the_gap, &stream(3)]), [1, 2, 1, 4, 1, 2, 3]);
    }
}
