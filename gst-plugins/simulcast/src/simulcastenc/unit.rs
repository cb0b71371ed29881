//! What an access unit shows about its encoder: key frame, parameter sets, profile, B slices.
//!
//! Pure, and only for what our own encoders give us: it looks, it does not repair. It refuses nothing; what is not
//! there is not found. Invariant: it never reads outside the unit.

use returnfeed_media::h264::{NalType, nals};

/// The facts of one access unit in byte-stream form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Holds an IDR slice.
    pub(crate) idr: bool,
    /// Profile and constraint bytes of its sequence parameter set.
    pub(crate) sps: Option<(u8, u8)>,
    /// Holds a picture parameter set.
    pub(crate) pps: bool,
    /// Holds a slice that may predict from two pictures.
    pub(crate) b_slice: bool,
}

impl Unit {
    /// Looks at one access unit.
    pub(crate) fn look(data: &[u8]) -> Self {
        let mut unit = Self::default();
        for nal in nals(data) {
            let body = nal.bytes().get(1..).unwrap_or_default();
            match nal.kind() {
                kind @ (NalType::Slice | NalType::Idr) => {
                    unit.idr |= kind == NalType::Idr;
                    unit.b_slice |= slice_type(body).is_some_and(|slice| slice % 5 == 1);
                }
                NalType::Sps => {
                    unit.sps = body.first().zip(body.get(1)).map(|(profile, flags)| (*profile, *flags))
                }
                NalType::Pps => unit.pps = true,
                _ => {}
            }
        }
        unit
    }

    /// Whether the sequence parameter set promises what every browser decodes: constrained baseline. Baseline is
    /// taken too: no encoder here makes the slice groups that would set it apart.
    pub(crate) fn is_for_browsers(&self) -> bool {
        const CONSTRAINT_SET0: u8 = 0x80;
        match self.sps {
            Some((66, _)) => true,
            Some((77, flags)) => flags & CONSTRAINT_SET0 != 0,
            _ => false,
        }
    }
}

/// The slice's type: the second Exp-Golomb number of its header.
fn slice_type(body: &[u8]) -> Option<u32> {
    let mut bits = body.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    exp_golomb(&mut bits)?;
    exp_golomb(&mut bits)
}

fn exp_golomb(bits: &mut impl Iterator<Item = u8>) -> Option<u32> {
    let mut zeros = 0;
    while bits.next()? == 0 {
        zeros += 1;
        if zeros > 31 {
            return None;
        }
    }
    let mut value = 1u64;
    for _ in 0..zeros {
        value = value << 1 | u64::from(bits.next()?);
    }
    u32::try_from(value - 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_frame_with_its_parameter_sets_is_seen() {
        let data = [0, 0, 0, 1, 0x67, 66, 0xc0, 30, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 0b1000_1000, 0x80];
        let unit = Unit::look(&data);
        assert_eq!(unit, Unit { idr: true, sps: Some((66, 0xc0)), pps: true, b_slice: false });
        assert!(unit.is_for_browsers());
    }

    #[test]
    fn high_profile_is_not_for_browsers() {
        let unit = Unit { sps: Some((100, 0)), ..Unit::default() };
        assert!(!unit.is_for_browsers() && !Unit::default().is_for_browsers());
    }

    #[test]
    fn a_b_slice_is_seen() {
        // first_mb_in_slice 0 is `1`, slice_type 1 is `010`, slice_type 6 is `00111`.
        assert!(Unit::look(&[0, 0, 1, 0x41, 0b1010_0000]).b_slice);
        assert!(Unit::look(&[0, 0, 1, 0x41, 0b1001_1100]).b_slice);
        assert!(!Unit::look(&[0, 0, 1, 0x41, 0b1100_0000]).b_slice);
    }

    #[test]
    fn the_empty_and_the_cut_are_looked_at_without_harm() {
        for data in [&[][..], &[0, 0, 1], &[0, 0, 1, 0x67], &[0, 0, 1, 0x41, 0], &[0, 0]] {
            assert!(!Unit::look(data).idr);
        }
    }
}
