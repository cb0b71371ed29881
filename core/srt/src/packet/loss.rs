//! The list of a NAK (3.2.5, appendix A): single packets, and ranges marked by the first one's highest bit.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use super::Words;
use crate::seq::Seq;

const RANGE: u32 = 0x8000_0000;
/// Ranges that fit into one datagram.
pub(crate) const MAX_RANGES: usize = 180;

/// First and last packet of a run.
pub(crate) type Range = (Seq, Seq);

/// A received list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LossList<'a>(pub(crate) &'a [u8]);

impl<'a> LossList<'a> {
    /// Its ranges, up to the first nonsense.
    pub(crate) fn ranges(self) -> impl Iterator<Item = Range> + 'a {
        let mut words = Words(self.0);
        std::iter::from_fn(move || {
            let first = words.u32()?;
            let last = if first & RANGE == 0 { first } else { words.u32()? };
            let (first, last) = (Seq::new(first), Seq::new(last));
            last.after(first).map(|_| (first, last))
        })
    }
}

/// The list's bytes.
pub(crate) fn write(ranges: &[Range]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ranges.len().saturating_mul(8));
    for (first, last) in ranges {
        if first == last {
            bytes.extend_from_slice(&first.get().to_be_bytes());
        } else {
            bytes.extend_from_slice(&(first.get() | RANGE).to_be_bytes());
            bytes.extend_from_slice(&last.get().to_be_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_back_and_nonsense_ends_it() {
        let ranges = [(Seq::new(5), Seq::new(5)), (Seq::new(0x7fff_ffff), Seq::new(2))];
        let bytes = write(&ranges);
        assert_eq!(LossList(&bytes).ranges().collect::<Vec<_>>(), ranges);
        let backwards = [0x80, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0, 1];
        assert_eq!(LossList(&backwards).ranges().count(), 0);
    }
}
