//! Transport-wide feedback: which packets arrived, and when (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1).

/// A reference time is in units of 64 ms, an arrival in units of 250 µs.
const REFERENCE_US: i64 = 64_000;
const DELTA_US: i64 = 250;

/// One feedback, not yet unrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportFeedback<'a> {
    /// The number of the first packet that it is about.
    pub first: u16,
    /// How many packets it is about.
    pub count: u16,
    /// Where its arrival times begin, on the receiver's clock, in 64 ms, modulo 2^24.
    pub reference: u32,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

/// What became of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Its number.
    pub seq: u16,
    /// When it arrived, in µs after the reference; `None` if it has not.
    pub arrived: Option<i64>,
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn read(entries: &'a [u8]) -> Option<Self> {
        let (&[f0, f1, c0, c1, r0, r1, r2, _], rest) = entries.split_first_chunk::<8>()?;
        let count = u16::from_be_bytes([c0, c1]);
        let mut covered = 0_usize;
        let mut words = 0_usize;
        for chunk in rest.chunks_exact(2) {
            if covered >= usize::from(count) {
                break;
            }
            covered = covered.saturating_add(Chunk::read(chunk).len());
            words = words.saturating_add(1);
        }
        if covered < usize::from(count) {
            return None;
        }
        let (chunks, deltas) = rest.split_at_checked(words.saturating_mul(2))?;
        Some(Self {
            first: u16::from_be_bytes([f0, f1]),
            count,
            reference: u32::from_be_bytes([0, r0, r1, r2]),
            chunks,
            deltas,
        })
    }

    /// What arrived since this other reference time, in µs: a difference of two moduli.
    pub fn reference_since(&self, other: u32) -> i64 {
        // 24 bits, signed: shifted up to 32 they wrap by themselves.
        let difference = (self.reference << 8).wrapping_sub(other << 8).cast_signed() >> 8;
        i64::from(difference).saturating_mul(REFERENCE_US)
    }

    /// One by one; ends where the feedback is cut short or uses what is reserved.
    pub fn packets(&self) -> impl Iterator<Item = Status> + 'a {
        let first = self.first;
        let mut deltas = self.deltas;
        let mut time = 0_i64;
        let symbols = self.chunks.chunks_exact(2).flat_map(|chunk| Chunk::read(chunk).symbols());
        symbols.take(usize::from(self.count)).zip(0_u16..).map_while(move |(symbol, index)| {
            let delta = match symbol {
                0 => None,
                1 => {
                    let (delta, rest) = deltas.split_first()?;
                    deltas = rest;
                    Some(i64::from(*delta))
                }
                2 => {
                    let (delta, rest) = deltas.split_first_chunk::<2>()?;
                    deltas = rest;
                    Some(i64::from(i16::from_be_bytes(*delta)))
                }
                _ => return None,
            };
            let arrived = delta.map(|delta| {
                time = time.saturating_add(delta.saturating_mul(DELTA_US));
                time
            });
            Some(Status { seq: first.wrapping_add(index), arrived })
        })
    }
}

/// Two bytes that say what became of several packets.
#[derive(Clone, Copy)]
enum Chunk {
    /// So many of one kind.
    Run { symbol: u8, count: u16 },
    /// Fourteen of one bit each.
    Bits(u16),
    /// Seven of two bits each.
    Pairs(u16),
}

impl Chunk {
    fn read(bytes: &[u8]) -> Self {
        let word = bytes.first_chunk::<2>().map_or(0, |bytes| u16::from_be_bytes(*bytes));
        match word >> 14 {
            0 | 1 => Self::Run { symbol: (word >> 13 & 3) as u8, count: word & 0x1fff },
            2 => Self::Bits(word),
            _ => Self::Pairs(word),
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Run { count, .. } => usize::from(count),
            Self::Bits(_) => 14,
            Self::Pairs(_) => 7,
        }
    }

    fn symbols(self) -> impl Iterator<Item = u8> {
        (0..self.len()).map(move |index| match self {
            Self::Run { symbol, .. } => symbol,
            Self::Bits(word) => (word >> 13_usize.saturating_sub(index) & 1) as u8,
            Self::Pairs(word) => (word >> 12_usize.saturating_sub(index.saturating_mul(2)) & 3) as u8,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(entries: &[u8]) -> Option<Vec<(u16, Option<i64>)>> {
        let read = TransportFeedback::read(entries)?;
        Some(read.packets().map(|status| (status.seq, status.arrived)).collect())
    }

    fn feedback(first: u16, count: u16, rest: &[u8]) -> Vec<u8> {
        let [f0, f1] = first.to_be_bytes();
        let [c0, c1] = count.to_be_bytes();
        [&[f0, f1, c0, c1, 0, 0, 2, 7], rest].concat()
    }

    #[test]
    fn a_run_of_small_steps_across_the_wrap() {
        let entries = feedback(0xffff, 3, &[0x20, 3, 4, 0, 8]);
        assert_eq!(all(&entries), Some(vec![(0xffff, Some(1_000)), (0, Some(1_000)), (1, Some(3_000))]));
    }

    #[test]
    fn bits_pairs_and_steps_back_in_time() {
        // 14 bits: 1 0 1 0..., then two of a pair chunk: large, none.
        let entries = feedback(10, 16, &[0b1010_1000, 0, 0b1110_0000, 0, 1, 2, 0xff, 0xfc]);
        let all = all(&entries).unwrap();
        assert_eq!(all.len(), 16);
        let arrived: Vec<_> = all.into_iter().filter(|(_, at)| at.is_some()).collect();
        assert_eq!(arrived, [(10, Some(250)), (12, Some(750)), (24, Some(-250))]);
    }

    #[test]
    fn reference_times_are_compared_modulo_their_24_bits() {
        let entries = feedback(0, 1, &[0, 1]);
        let early = TransportFeedback::read(&entries).unwrap();
        assert_eq!(early.reference, 2);
        assert_eq!(early.reference_since(1), 64_000);
        assert_eq!(early.reference_since(0xff_ffff), 3 * 64_000);
        assert_eq!(early.reference_since(4), -2 * 64_000);
    }

    #[test]
    fn what_is_cut_short_or_reserved_ends_there() {
        assert_eq!(all(&[]), None);
        assert_eq!(all(&feedback(1, 20, &[0x20, 3])), None, "17 of 20 are not spoken of");
        assert_eq!(
            all(&feedback(1, 3, &[0x20, 3, 4])),
            Some(vec![(1, Some(1_000))]),
            "two times are missing"
        );
        assert_eq!(all(&feedback(1, 2, &[0x60, 2, 0, 0, 0, 0])), Some(vec![]), "reserved");
        assert_eq!(all(&feedback(1, 0, &[])), Some(vec![]));
        let longest = all(&feedback(0, u16::MAX, &[0x1f, 0xff].repeat(9))).unwrap();
        assert_eq!(longest.len(), 65_535);
    }
}
