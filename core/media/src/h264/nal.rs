//! The byte stream of Annex B: start codes, NAL units, and the bytes that keep the two apart (H.264 7.3.1, B.1).
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::ops::Range;

/// nal_unit_type (H.264 table 7-1), as far as anyone here asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NalType {
    /// 1: a slice of a picture that is no IDR picture.
    Slice,
    /// 2, 3, 4: a data partition, of the extended profile only.
    Partition,
    /// 5: a slice of an IDR picture.
    Idr,
    /// 6: supplemental enhancement information.
    Sei,
    /// 7: sequence parameter set.
    Sps,
    /// 8: picture parameter set.
    Pps,
    /// 9: access unit delimiter.
    AccessUnitDelimiter,
    /// 12: filler data.
    Filler,
    /// Any other.
    Other(u8),
}

impl NalType {
    /// From a NAL unit's first byte.
    pub const fn of(header: u8) -> Self {
        match header & 0x1f {
            1 => Self::Slice,
            2..=4 => Self::Partition,
            5 => Self::Idr,
            6 => Self::Sei,
            7 => Self::Sps,
            8 => Self::Pps,
            9 => Self::AccessUnitDelimiter,
            12 => Self::Filler,
            other => Self::Other(other),
        }
    }

    /// True for what carries a picture (VCL).
    pub const fn is_slice(self) -> bool {
        matches!(self, Self::Slice | Self::Partition | Self::Idr)
    }
}

/// One NAL unit, borrowed from its access unit.
#[derive(Debug, Clone, Copy)]
pub struct Nal<'a> {
    header: u8,
    bytes: &'a [u8],
    starts_at: usize,
    ends_at: usize,
}

impl<'a> Nal<'a> {
    /// Its type.
    pub const fn kind(&self) -> NalType {
        NalType::of(self.header)
    }

    /// Header byte and payload, without start code and trailing zeros; never empty.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where it stands in the access unit, start code included; the spans of neighbours touch.
    pub const fn span(&self) -> Range<usize> {
        self.starts_at..self.ends_at
    }
}

/// The NAL units of an access unit; bytes before the first start code are none.
pub const fn nals(annexb: &[u8]) -> Nals<'_> {
    Nals { annexb, at: 0 }
}

/// Iterator of [`nals`].
#[derive(Debug, Clone)]
pub struct Nals<'a> {
    annexb: &'a [u8],
    /// Where the next start code, or the zeros before it, may begin.
    at: usize,
}

impl<'a> Iterator for Nals<'a> {
    type Item = Nal<'a>;

    fn next(&mut self) -> Option<Nal<'a>> {
        // A start code with nothing behind it belongs to the span of the unit that follows.
        let starts_at = self.at;
        loop {
            let begin = find_start_code(self.annexb, self.at)?.checked_add(3)?;
            let end = find_start_code(self.annexb, begin).unwrap_or(self.annexb.len());
            let bytes = without_trailing_zeros(self.annexb.get(begin..end)?);
            self.at = begin.checked_add(bytes.len())?;
            let Some(header) = bytes.first().copied() else { continue };
            return Some(Nal { header, bytes, starts_at, ends_at: self.at });
        }
    }
}

/// The types of the NAL units in order, found without looking for their ends.
pub(crate) fn kinds(annexb: &[u8]) -> impl Iterator<Item = NalType> {
    let mut at = 0usize;
    std::iter::from_fn(move || {
        at = find_start_code(annexb, at)?.checked_add(3)?;
        annexb.get(at).copied().map(NalType::of)
    })
}

/// Where the next `00 00 01` begins. Steps by three bytes wherever no code can begin.
fn find_start_code(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let third = at.checked_add(2)?;
        let step = match bytes.get(third)? {
            0 => 1,
            1 if bytes.get(at..third)? == [0, 0] => return Some(at),
            _ => 3,
        };
        at = at.checked_add(step)?;
    }
}

/// trailing_zero_8bits, and the zero_byte of a start code of four bytes.
fn without_trailing_zeros(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    bytes.get(..kept).unwrap_or_default()
}

/// A NAL unit's bytes without the emulation prevention byte of `00 00 03` (7.4.1).
pub(crate) fn unescape(nal: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nal.len());
    let mut zeros = 0usize;
    for byte in nal {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros.saturating_add(1) } else { 0 };
        out.push(*byte);
    }
    out
}

/// The reverse: no start code can stand in what comes out.
pub(crate) fn escape(rbsp: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rbsp.len().saturating_add(8));
    let mut zeros = 0usize;
    for byte in rbsp {
        if zeros >= 2 && *byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if *byte == 0 { zeros.saturating_add(1) } else { 0 };
        out.push(*byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(annexb: &[u8]) -> Vec<Vec<u8>> {
        nals(annexb).map(|nal| nal.bytes().to_vec()).collect()
    }

    #[test]
    fn short_and_long_start_codes_and_padding_are_all_read() {
        let bytes = [0, 0, 0, 1, 0x67, 0xaa, 0, 0, 0, 0, 1, 0x68, 0xbb, 0, 0, 1, 0x65, 0, 0, 2, 0, 0];
        assert_eq!(list(&bytes), [vec![0x67, 0xaa], vec![0x68, 0xbb], vec![0x65, 0, 0, 2]]);
    }

    #[test]
    fn the_spans_of_neighbours_touch() {
        let bytes = [0, 0, 0, 1, 0x67, 0xaa, 0, 0, 0, 0, 1, 0x68, 0xbb, 0, 0, 1, 0x65, 7];
        let spans: Vec<_> = nals(&bytes).map(|nal| nal.span()).collect();
        assert_eq!(spans, [0..6, 6..13, 13..18]);
        let hollow = [0, 0, 1, 0x67, 0, 0, 1, 0, 0, 0, 1, 0x65, 7];
        let spans: Vec<_> = nals(&hollow).map(|nal| nal.span()).collect();
        assert_eq!(spans, [0..4, 4..13], "a start code with nothing behind it");
    }

    #[test]
    fn without_a_start_code_there_is_no_nal() {
        for bytes in [&[][..], &[0], &[0, 0], &[0, 0, 0], &[0, 0, 1], &[1, 2, 3, 4], &[0, 0, 1, 0, 0]] {
            assert!(list(bytes).is_empty(), "{bytes:?}");
        }
    }

    #[test]
    fn every_kind_is_found_at_every_distance() {
        for gap in 0..12 {
            let mut bytes = vec![0, 0, 1, 0x06];
            bytes.extend(std::iter::repeat_n(0x80, gap));
            bytes.extend([0, 0, 1, 0x65, 9]);
            assert_eq!(kinds(&bytes).collect::<Vec<_>>(), [NalType::Sei, NalType::Idr], "{gap}");
        }
    }

    #[test]
    fn escaping_hides_every_start_code_and_comes_back() {
        for rbsp in
            [&[0, 0, 0][..], &[0, 0, 1], &[0, 0, 2], &[0, 0, 3], &[0, 0, 0, 0, 0, 1], &[0, 0, 4], &[1, 0, 0]]
        {
            let escaped = escape(rbsp);
            assert_eq!(find_start_code(&escaped, 0), None, "{rbsp:?}");
            assert_eq!(unescape(&escaped), rbsp);
        }
    }
}
