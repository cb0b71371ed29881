//! What an access unit shows of itself before its first slice's macroblocks: where decoding may begin, and whether
//! pictures come in the order in which they are shown (H.264 7.3.3, 7.4.3, D.1.8).
//!
//! Refuses to read further than a slice's type. Invariant: what cannot be read is not claimed.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use super::bits::Bits;
use super::nal::{Nal, NalType, nals, unescape};
use super::sps::Sps;
use crate::sei;

/// payloadType recovery_point.
const RECOVERY_POINT: u32 = 6;
/// Bytes of a slice header that hold its first two codes, however long these are.
const SLICE_HEAD: usize = 16;

/// slice_type modulo 5 (table 7-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SliceKind {
    /// Predicted from what was shown before, or a switching slice of the extended profile.
    Predicted,
    /// Predicted from two pictures, one of which may be shown later.
    Bidirectional,
    /// By itself.
    Intra,
}

/// The front of an access unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Its first slice is of an IDR picture.
    pub(crate) idr: bool,
    /// The first slice's kind, if there is a slice and it can be read.
    pub(crate) slice: Option<SliceKind>,
    /// The parameter set before the first slice.
    pub(crate) sps: Option<Sps>,
    /// The encoder says that decoding may begin here or soon after.
    pub(crate) recovery_point: bool,
}

impl Survey {
    /// Looks at the NAL units up to the first slice.
    pub(crate) fn of(annexb: &[u8]) -> Self {
        let mut survey = Self::default();
        for nal in nals(annexb) {
            match nal.kind() {
                NalType::Sps => survey.sps = survey.sps.or(Sps::parse(nal.bytes()).ok()),
                NalType::Sei => survey.recovery_point |= announces_recovery(&nal),
                kind if kind.is_slice() => {
                    survey.idr = kind == NalType::Idr;
                    survey.slice = slice_kind(nal.bytes());
                    break;
                }
                _ => {}
            }
        }
        survey
    }

    /// A point where the encoder means a decoder to begin, which is no IDR picture: of an open group of pictures,
    /// or of a refresh spread over many.
    pub(crate) fn is_entry_without_idr(&self) -> bool {
        let repeats_sets = self.sps.is_some() && self.slice == Some(SliceKind::Intra);
        self.slice.is_some() && !self.idr && (self.recovery_point || repeats_sets)
    }
}

fn announces_recovery(nal: &Nal<'_>) -> bool {
    sei::messages(nal).any(|(kind, _)| kind == RECOVERY_POINT)
}

/// first_mb_in_slice, slice_type.
fn slice_kind(nal: &[u8]) -> Option<SliceKind> {
    let head = unescape(nal.get(1..)?.get(..SLICE_HEAD).or(nal.get(1..))?);
    let mut bits = Bits::new(&head);
    bits.ue()?;
    match bits.ue().filter(|kind| *kind < 10)? % 5 {
        1 => Some(SliceKind::Bidirectional),
        2 | 4 => Some(SliceKind::Intra),
        _ => Some(SliceKind::Predicted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPS: &[u8] = &[0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbe, 0x40];
    const RECOVERY: &[u8] = &[0, 0, 1, 0x06, 6, 1, 0xc4, 0x80];
    const OTHER_SEI: &[u8] = &[0, 0, 1, 0x06, 4, 1, 0xc4, 0x80];
    const IDR: &[u8] = &[0, 0, 1, 0x65, 0x88, 0x84];
    const I: &[u8] = &[0, 0, 1, 0x41, 0x88, 0x84];
    const P: &[u8] = &[0, 0, 1, 0x41, 0x9a, 0x02];
    const B: &[u8] = &[0, 0, 1, 0x01, 0x9e, 0x02];

    #[test]
    fn a_slice_s_kind_is_read_from_its_second_code() {
        for (unit, kind) in [
            (IDR, SliceKind::Intra),
            (I, SliceKind::Intra),
            (P, SliceKind::Predicted),
            (B, SliceKind::Bidirectional),
        ] {
            assert_eq!(Survey::of(unit).slice, Some(kind), "{unit:?}");
        }
        assert_eq!(Survey::of(&[0, 0, 1, 0x41]).slice, None, "a slice without a header");
        assert_eq!(Survey::of(SPS).slice, None, "no slice at all");
    }

    #[test]
    fn a_recovery_point_or_a_repeated_parameter_set_marks_an_entry_that_is_no_idr() {
        let entry = |parts: &[&[u8]]| Survey::of(&parts.concat()).is_entry_without_idr();
        assert!(entry(&[RECOVERY, I]));
        assert!(entry(&[RECOVERY, P]), "a refresh spread over pictures");
        assert!(entry(&[SPS, I]));
        assert!(!entry(&[SPS, IDR]));
        assert!(!entry(&[SPS, RECOVERY, IDR]));
        assert!(!entry(&[I]), "a cut of the scene");
        assert!(!entry(&[OTHER_SEI, P]));
        assert!(!entry(&[SPS, P]));
        assert!(!entry(&[RECOVERY]), "no picture");
    }
}
