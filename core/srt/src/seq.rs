//! Packet sequence numbers: 31 bits that wrap (draft-sharabayko-srt-01, 3.1).
//!
//! It refuses an order of its own (`Ord`): on a circle only the distance from a known place means anything.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

const BITS: u32 = 0x7fff_ffff;
const HALF: u32 = 0x4000_0000;

/// A place on the circle of 2^31 packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Seq(u32);

impl Seq {
    /// The lower 31 bits of `word`.
    pub(crate) const fn new(word: u32) -> Self {
        Self(word & BITS)
    }

    /// As it stands on the wire.
    pub(crate) const fn get(self) -> u32 {
        self.0
    }

    /// `count` packets later.
    pub(crate) const fn plus(self, count: u32) -> Self {
        Self(self.0.wrapping_add(count) & BITS)
    }

    /// The next one.
    pub(crate) const fn next(self) -> Self {
        self.plus(1)
    }

    /// The one before.
    pub(crate) const fn before(self) -> Self {
        self.plus(BITS)
    }

    /// How many packets lie from `earlier` up to this one; `None` when this one is the earlier of both.
    pub(crate) const fn after(self, earlier: Self) -> Option<u32> {
        let distance = self.0.wrapping_sub(earlier.0) & BITS;
        if distance < HALF { Some(distance) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_circle_closes_without_a_seam() {
        let last = Seq::new(BITS);
        assert_eq!(last.next(), Seq::new(0));
        assert_eq!(last.next().before(), last);
        assert_eq!(Seq::new(3).after(last), Some(4));
        assert_eq!(last.after(Seq::new(3)), None);
        assert_eq!(last.after(last), Some(0));
        assert_eq!(Seq::new(u32::MAX).get(), BITS);
    }
}
