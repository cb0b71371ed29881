//! H.264 access units in Annex B form: their NAL units, whether a decoder can start there, what RTP needs.
//!
//! Refuses to look into a slice further than its type (ITU-T H.264 7.4.1, 7.4.3).
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

mod bits;
mod nal;
mod sps;
mod survey;

use std::ops::Range;

use bytes::{Bytes, BytesMut};

pub use nal::{Nal, NalType, Nals, nals};
pub(crate) use nal::{escape, unescape};
pub use sps::{Sps, SpsError};
pub(crate) use survey::{SliceKind, Survey};

use crate::capture_time;

/// True for an access unit at which a decoder can start: its first slice is of an IDR picture, and then all are.
pub fn is_idr(annexb: &[u8]) -> bool {
    nal::kinds(annexb).find(|kind| kind.is_slice()) == Some(NalType::Idr)
}

/// True if the access unit begins with a delimiter, as MPEG-TS wants it (ISO/IEC 13818-1 2.14.1).
pub fn starts_with_delimiter(annexb: &[u8]) -> bool {
    nal::kinds(annexb).next() == Some(NalType::AccessUnitDelimiter)
}

/// The sequence parameter set that the access unit carries, if it carries one that can be read.
pub fn find_sps(annexb: &[u8]) -> Option<Sps> {
    nals(annexb)
        .take_while(|nal| !nal.kind().is_slice())
        .find(|nal| nal.kind() == NalType::Sps)
        .and_then(|nal| Sps::parse(nal.bytes()).ok())
}

/// True for a NAL that has no business in RTP: delimiters and filler cost packets, our SEI is ours, and a type that
/// RFC 6184 5.2 gives to its own packets would be taken for one.
pub(crate) fn stays_home(nal: &Nal<'_>) -> bool {
    match nal.kind() {
        NalType::AccessUnitDelimiter | NalType::Filler | NalType::Other(0 | 24..) => true,
        NalType::Sei => capture_time::is_stamp(nal),
        _ => false,
    }
}

/// The access unit without delimiter, filler and our capture-time SEI. Copies only if one stood in the middle.
pub fn strip_for_rtp(annexb: &Bytes) -> Bytes {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for nal in nals(annexb).filter(|nal| !stays_home(nal)) {
        let span = nal.span();
        match runs.last_mut() {
            Some(run) if run.end == span.start => run.end = span.end,
            Some(_) | None => runs.push(span),
        }
    }
    if let [run] = runs.as_slice() {
        return annexb.slice(run.clone());
    }
    let mut kept = BytesMut::with_capacity(annexb.len());
    runs.into_iter().filter_map(|run| annexb.get(run)).for_each(|run| kept.extend_from_slice(run));
    kept.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture_time::{self, Stamps};

    const AUD: &[u8] = &[0, 0, 0, 1, 0x09, 0xf0];
    const SPS: &[u8] = &[0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e];
    const IDR: &[u8] = &[0, 0, 1, 0x65, 0x88, 0x84];
    const DELTA: &[u8] = &[0, 0, 1, 0x41, 0x9a, 0x02];
    const FILLER: &[u8] = &[0, 0, 1, 0x0c, 0xff, 0x80];

    #[test]
    fn a_picture_is_a_keyframe_by_its_first_slice() {
        assert!(is_idr(&[AUD, SPS, IDR].concat()));
        assert!(is_idr(IDR));
        assert!(!is_idr(&[AUD, DELTA].concat()));
        assert!(!is_idr(SPS), "no slice at all");
        assert!(!is_idr(&[]));
    }

    #[test]
    fn a_leading_delimiter_is_stripped_without_a_copy() {
        let unit = Bytes::from([AUD, DELTA, DELTA].concat());
        let stripped = strip_for_rtp(&unit);
        assert_eq!(stripped, [DELTA, DELTA].concat());
        assert_eq!(stripped.as_ptr(), unit[AUD.len()..].as_ptr());
    }

    #[test]
    fn our_stamp_and_filler_are_stripped_from_the_middle() {
        let plain = [AUD, SPS, IDR].concat();
        let stamps = Stamps { captured_us: 1, encoder_in_us: 2, encoder_out_us: 3, sent_us: 4 };
        let unit = [capture_time::insert(&plain, &stamps), FILLER.to_vec()].concat();
        assert_eq!(strip_for_rtp(&Bytes::from(unit)), [SPS, IDR].concat());
    }

    #[test]
    fn a_unit_of_nothing_but_a_delimiter_leaves_nothing() {
        assert!(strip_for_rtp(&Bytes::from_static(AUD)).is_empty());
    }
}
