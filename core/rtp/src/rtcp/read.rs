//! What a receiver says. Everything here comes from a stranger's network.

use super::kind;
use super::transport::TransportFeedback;

/// Feedback formats of RFC 4585 and of `transport-cc`.
const NACK: u8 = 1;
const TRANSPORT_WIDE: u8 = 15;
/// Payload-specific formats (RFC 4585 6.3, RFC 5104 4.3.1, draft-alvestrand-rmcat-remb-03).
const PICTURE_LOSS: u8 = 1;
const FULL_INTRA_REQUEST: u8 = 4;
const APPLICATION: u8 = 15;

/// One thing that was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// How one stream arrives.
    Report(Block),
    /// These packets of a stream are missing.
    Missing {
        /// The stream.
        ssrc: u32,
        /// Which.
        lost: Lost<'a>,
    },
    /// A decoder has lost its picture: PLI or FIR.
    KeyframeWanted,
    /// What the receiver takes the path to carry (REMB), in bit/s.
    Estimate(u64),
    /// What of everything that was sent arrived, and when.
    Transport(TransportFeedback<'a>),
}

/// A report block (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The stream it is about.
    pub ssrc: u32,
    /// Of 256 packets since the last report, so many were lost.
    pub lost: u8,
    /// Interarrival jitter in the payload's clock.
    pub jitter: u32,
    /// The middle of the time in the last sender report; 0 before the first.
    pub last_report: u32,
    /// How long ago that was, in 1/65 536 s.
    pub since: u32,
}

/// The numbers of a NACK (RFC 4585 6.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost<'a>(&'a [u8]);

impl<'a> Lost<'a> {
    /// Sequence numbers, in the order they were written in.
    pub fn iter(self) -> impl Iterator<Item = u16> + 'a {
        self.0.chunks_exact(4).filter_map(|item| item.first_chunk::<4>()).flat_map(|&[p0, p1, b0, b1]| {
            let (first, following) = (u16::from_be_bytes([p0, p1]), u16::from_be_bytes([b0, b1]));
            let rest = (0..16_u16).filter(move |bit| following >> bit & 1 == 1);
            std::iter::once(first).chain(rest.map(move |bit| first.wrapping_add(bit).wrapping_add(1)))
        })
    }
}

/// Hands each message of a compound packet to `take`; what cannot be read ends it.
pub fn read<'a>(compound: &'a [u8], mut take: impl FnMut(Message<'a>)) {
    let mut rest = compound;
    while let Some((&[first, kind, l0, l1], behind)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([l0, l1])).saturating_mul(4);
        let Some((body, next)) = behind.split_at_checked(length) else { return };
        if first >> 6 != 2 {
            return;
        }
        packet(first & 0x1f, kind, body, &mut take);
        rest = next;
    }
}

fn packet<'a>(count: u8, kind: u8, body: &'a [u8], take: &mut impl FnMut(Message<'a>)) {
    let Some(behind_sender) = body.get(4..) else { return };
    match kind {
        kind::RECEIVER_REPORT => blocks(count, behind_sender, take),
        // Time, timestamp and the two counts stand before its blocks.
        kind::SENDER_REPORT => blocks(count, behind_sender.get(20..).unwrap_or_default(), take),
        kind::TRANSPORT_FEEDBACK | kind::PAYLOAD_FEEDBACK => {
            let Some((media, entries)) = behind_sender.split_first_chunk::<4>() else { return };
            let ssrc = u32::from_be_bytes(*media);
            match (kind, count) {
                (kind::TRANSPORT_FEEDBACK, NACK) => take(Message::Missing { ssrc, lost: Lost(entries) }),
                (kind::TRANSPORT_FEEDBACK, TRANSPORT_WIDE) => {
                    TransportFeedback::read(entries)
                        .into_iter()
                        .for_each(|said| take(Message::Transport(said)));
                }
                (kind::PAYLOAD_FEEDBACK, PICTURE_LOSS | FULL_INTRA_REQUEST) => take(Message::KeyframeWanted),
                (kind::PAYLOAD_FEEDBACK, APPLICATION) => {
                    estimate(entries).into_iter().for_each(|rate| take(Message::Estimate(rate)));
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn blocks<'a>(count: u8, body: &'a [u8], take: &mut impl FnMut(Message<'a>)) {
    for block in body.chunks_exact(24).take(usize::from(count)) {
        let word = |at: usize| {
            let bytes = block.get(at..).and_then(<[u8]>::first_chunk::<4>);
            bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
        };
        take(Message::Report(Block {
            ssrc: word(0),
            lost: (word(4) >> 24) as u8,
            jitter: word(12),
            last_report: word(16),
            since: word(20),
        }));
    }
}

/// `REMB`, the count of streams, six bits of exponent and eighteen of mantissa.
fn estimate(entries: &[u8]) -> Option<u64> {
    let (head, _) = entries.split_first_chunk::<8>()?;
    let [b'R', b'E', b'M', b'B', _, high, middle, low] = *head else { return None };
    let mantissa = u64::from(u32::from_be_bytes([0, high & 0x03, middle, low]));
    Some(
        mantissa
            .checked_shl(u32::from(high >> 2))
            .filter(|rate| rate.leading_zeros() > 0)
            .unwrap_or(u64::MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(compound: &[u8]) -> Vec<Message<'_>> {
        let mut all = Vec::new();
        read(compound, |message| all.push(message));
        all
    }

    const REPORT: [u8; 32] = [
        0x81, 201, 0, 7, 0, 0, 0, 1, // sender
        0, 0, 0, 9, 0x40, 0, 0, 5, 0, 0, 0x10, 0, 0, 0, 0, 90, 0x11, 0x22, 0x33, 0x44, 0, 1, 0, 0,
    ];

    #[test]
    fn a_report_says_how_a_stream_arrives() {
        let block = Block { ssrc: 9, lost: 0x40, jitter: 90, last_report: 0x1122_3344, since: 0x1_0000 };
        assert_eq!(said(&REPORT), [Message::Report(block)]);
        let mut sender = vec![0x81, 200, 0, 12, 0, 0, 0, 1];
        sender.extend([0; 20]);
        sender.extend(&REPORT[8..]);
        assert_eq!(said(&sender), [Message::Report(block)]);
    }

    #[test]
    fn what_is_missing_is_one_number_and_sixteen_after_it() {
        let nack = [0x81, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 9, 0xff, 0xfe, 0x80, 0x05, 0, 3, 0, 0];
        match said(&nack)[..] {
            [Message::Missing { ssrc: 9, lost }] => {
                assert_eq!(lost.iter().collect::<Vec<_>>(), [0xfffe, 0xffff, 1, 14, 3]);
            }
            ref other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_ways_of_asking_for_a_keyframe_and_an_estimate_are_one_compound() {
        let mut compound = REPORT.to_vec();
        compound.extend([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9]);
        compound.extend([0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0]);
        compound.extend([0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0]);
        compound.extend(b"REMB");
        compound.extend([1, 0x0b, 0xff, 0xff, 0, 0, 0, 9]);
        let all = said(&compound);
        assert!(matches!(all[0], Message::Report(_)));
        let rest = [Message::KeyframeWanted, Message::KeyframeWanted, Message::Estimate(0x3_ffff << 2)];
        assert_eq!(all[1..], rest);
    }

    #[test]
    fn what_is_cut_or_lies_ends_where_it_does() {
        for cut in 0..REPORT.len() {
            assert_eq!(said(&REPORT[..cut]), []);
        }
        let mut longer = REPORT;
        longer[3] = 200;
        assert_eq!(said(&longer), []);
        let mut more_blocks = REPORT;
        more_blocks[0] = 0x9f;
        assert_eq!(said(&more_blocks).len(), 1);
        let mut other_version = REPORT;
        other_version[0] = 0x41;
        assert_eq!(said(&other_version), []);
        assert_eq!(said(&[0x81, 205, 0, 1, 0, 0, 0, 1]), []);
        let remb_of_all_bits =
            [&[0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0][..], b"REMB", &[1, 0xff, 0xff, 0xff]];
        assert_eq!(said(&remb_of_all_bits.concat()), [Message::Estimate(u64::MAX)]);
    }
}
