//! Bits and Exp-Golomb codes (H.264 7.2, 9.1) from bytes that nobody vouches for.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

/// Reads from the most significant bit on; `None` at the end.
#[derive(Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// u(1)
    pub(crate) fn flag(&mut self) -> Option<bool> {
        let byte = *self.bytes.get(self.at >> 3)?;
        let bit = byte.checked_shl(u32::try_from(self.at & 7).ok()?)? & 0x80;
        self.at = self.at.checked_add(1)?;
        Some(bit != 0)
    }

    /// u(count), at most 32 bits
    pub(crate) fn bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0u32;
        for _ in 0..count {
            value = (value << 1) | u32::from(self.flag()?);
        }
        Some(value)
    }

    /// ue(v)
    pub(crate) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0u32;
        while !self.flag()? {
            zeros = zeros.checked_add(1).filter(|zeros| *zeros < 32)?;
        }
        let base = 1u32.checked_shl(zeros)?.checked_sub(1)?;
        base.checked_add(self.bits(zeros)?)
    }

    /// se(v)
    pub(crate) fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let half = i32::try_from(code.div_ceil(2)).ok()?;
        if code & 1 == 1 { Some(half) } else { half.checked_neg() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_table_9_2_are_read() {
        // 1 | 010 | 011 | 00100 | 00101 -> 0 1 2 3 4
        let bytes = [0b1010_0110, 0b0100_0010, 0b1000_0000];
        let mut bits = Bits::new(&bytes);
        assert_eq!([(); 5].map(|()| bits.ue()), [0, 1, 2, 3, 4].map(Some));
        let mut bits = Bits::new(&bytes);
        assert_eq!([(); 5].map(|()| bits.se()), [0, 1, -1, 2, -2].map(Some));
    }

    #[test]
    fn a_code_without_an_end_is_none() {
        assert_eq!(Bits::new(&[0; 3]).ue(), None);
        assert_eq!(Bits::new(&[0; 30]).ue(), None, "32 zeros and more are no code");
        assert_eq!(Bits::new(&[0xff]).bits(9), None);
    }
}
