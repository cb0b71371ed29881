//! Capture time in the stream: an SEI message beside the picture (H.264 D.1.7, user_data_unregistered), so that
//! each hop, and in the end any page, can say how old the picture is.
//!
//! Refuses to read a clock: who stamps gives the times. Invariant: what `insert` writes, `read` reads, and
//! nothing in it can be taken for a start code.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use bytes::BufMut;

use crate::h264::{Nal, NalType, escape, nals};
use crate::read::Reader;
use crate::sei::messages;

/// Whose message it is: made once, at random, for this purpose.
const UUID: [u8; 16] =
    [0xa1, 0x1c, 0x85, 0xbd, 0xc5, 0xf9, 0x4f, 0x7c, 0x97, 0x64, 0x5c, 0x82, 0xe0, 0x92, 0x62, 0x1d];
/// The layout behind the UUID: four times, more of them may follow.
const VERSION: u8 = 1;
/// payloadType user_data_unregistered.
const UNREGISTERED: u32 = 5;
/// UUID, version, four times.
const SIZE: u8 = 49;
/// nal_unit_header: nal_ref_idc 0, SEI.
const HEADER: u8 = 0x06;

/// When a picture was where, in microseconds of Unix time by the sender's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamps {
    /// It came out of the source.
    pub captured_us: u64,
    /// It went into the encoder.
    pub encoder_in_us: u64,
    /// It came out of the encoder.
    pub encoder_out_us: u64,
    /// It was handed to the network.
    pub sent_us: u64,
}

impl Stamps {
    /// The same moments by a clock that the sender's is `ahead_us` ahead of.
    #[must_use]
    pub fn on_clock_behind_by(self, ahead_us: i64) -> Self {
        let lay = |us: u64| match ahead_us {
            0.. => us.saturating_sub(ahead_us.unsigned_abs()),
            _ => us.saturating_add(ahead_us.unsigned_abs()),
        };
        Self {
            captured_us: lay(self.captured_us),
            encoder_in_us: lay(self.encoder_in_us),
            encoder_out_us: lay(self.encoder_out_us),
            sent_us: lay(self.sent_us),
        }
    }
}

/// `annexb` with the stamps before its first slice, behind parameter sets and other SEI (7.4.1.2.3).
pub fn insert(annexb: &[u8], stamps: &Stamps) -> Vec<u8> {
    let at = nals(annexb).find(|nal| nal.kind().is_slice()).map_or(annexb.len(), |nal| nal.span().start);
    let (before, after) = annexb.split_at_checked(at).unwrap_or((annexb, &[]));
    [before, &write(stamps), after].concat()
}

/// The stamps of an access unit, if it carries them.
pub fn read(annexb: &[u8]) -> Option<Stamps> {
    nals(annexb)
        .take_while(|nal| !nal.kind().is_slice())
        .filter(|nal| nal.kind() == NalType::Sei)
        .find_map(|nal| messages(&nal).find_map(|(kind, content)| parse(kind, &content)))
}

/// True for an SEI NAL unit that holds our stamps and nothing else.
pub(crate) fn is_stamp(nal: &Nal<'_>) -> bool {
    let mut messages = messages(nal);
    let ours = messages.next().is_some_and(|(kind, content)| parse(kind, &content).is_some());
    ours && messages.next().is_none()
}

fn write(stamps: &Stamps) -> Vec<u8> {
    let mut rbsp = vec![5, SIZE];
    rbsp.put_slice(&UUID);
    rbsp.put_u8(VERSION);
    for time in [stamps.captured_us, stamps.encoder_in_us, stamps.encoder_out_us, stamps.sent_us] {
        rbsp.put_u64(time);
    }
    rbsp.put_u8(0x80); // rbsp_trailing_bits
    [&[0, 0, 0, 1, HEADER], escape(&rbsp).as_slice()].concat()
}

fn parse(kind: u32, content: &[u8]) -> Option<Stamps> {
    let mut reader = Reader::new(content);
    if kind != UNREGISTERED || reader.array()? != UUID || reader.u8()? < VERSION {
        return None;
    }
    Some(Stamps {
        captured_us: reader.u64()?,
        encoder_in_us: reader.u64()?,
        encoder_out_us: reader.u64()?,
        sent_us: reader.u64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDR: &[u8] =
        &[0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 0x88, 0x84, 0, 0, 1, 0x65, 7];

    fn stamps(us: u64) -> Stamps {
        Stamps { captured_us: us, encoder_in_us: us ^ 1, encoder_out_us: us ^ 2, sent_us: us ^ 3 }
    }

    #[test]
    fn stamps_come_back_whatever_zeros_are_in_them() {
        for us in [0, 1, 3, 0x0100, 0x0003_0000_0000, 1_795_400_000_000_000, u64::MAX] {
            let stamped = insert(IDR, &stamps(us));
            assert_eq!(read(&stamped), Some(stamps(us)), "{us}");
            assert_eq!(nals(&stamped).count(), nals(IDR).count() + 1, "{us} made a start code");
        }
    }

    #[test]
    fn the_stamp_stands_before_the_first_slice_and_the_rest_is_untouched() {
        let stamped = insert(IDR, &stamps(7));
        let kinds: Vec<_> = nals(&stamped).map(|nal| nal.kind()).collect();
        assert_eq!(kinds, [NalType::Sps, NalType::Pps, NalType::Sei, NalType::Idr, NalType::Idr]);
        let rest: Vec<_> =
            nals(&stamped).filter(|nal| !is_stamp(nal)).map(|nal| nal.bytes().to_vec()).collect();
        assert_eq!(rest, nals(IDR).map(|nal| nal.bytes().to_vec()).collect::<Vec<_>>());
    }

    #[test]
    fn a_picture_without_a_stamp_has_none() {
        assert_eq!(read(IDR), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn another_maker_s_message_is_not_ours_and_stays() {
        let mut other = insert(IDR, &stamps(7));
        let at = other.windows(16).position(|window| window == UUID).unwrap();
        other[at] ^= 1;
        assert_eq!(read(&other), None);
        assert!(nals(&other).all(|nal| !is_stamp(&nal)));
    }

    #[test]
    fn a_stamp_behind_another_message_is_read_and_that_nal_is_kept() {
        let ours = write(&stamps(9));
        let with_other = [&[0, 0, 0, 1, HEADER, 4, 2, 0xaa, 0xbb], &ours[5..], IDR].concat();
        assert_eq!(read(&with_other), Some(stamps(9)));
        assert!(nals(&with_other).all(|nal| !is_stamp(&nal)));
    }
}
