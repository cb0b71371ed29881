//! Two pictures made one, and one made darker. Pure.
//!
//! Refuses pictures of another size: they come out as they are. Invariant: with nothing of the new the old comes out,
//! with all of it the new, to the bit.

use super::{BYTES, HEIGHT, WIDTH};
use crate::switch::{Manner, Part};

/// `over` comes in over `under`.
pub fn blend(under: &[u8], over: &[u8], manner: Manner, part: Part) -> Vec<u8> {
    if under.len() != BYTES || over.len() != BYTES {
        return over.to_vec();
    }
    match manner {
        Manner::Mix => mix(under, over, part),
        Manner::Wipe => wipe(under, over, part),
    }
}

fn mix(under: &[u8], over: &[u8], part: Part) -> Vec<u8> {
    let (comes, goes) = (part.get(), part.rest().get());
    under.iter().zip(over).map(|(a, b)| weighed(*a, goes, *b, comes)).collect()
}

/// A weighed sum of two bytes, rounded; the weights are 256 together.
fn weighed(a: u8, weight_a: u16, b: u8, weight_b: u16) -> u8 {
    // At most 255 * 256 + 128: it fits.
    ((u16::from(a) * weight_a + u16::from(b) * weight_b + 128) >> 8) as u8
}

/// The edge travels from left to right, on even columns: chroma has half of them.
fn wipe(under: &[u8], over: &[u8], part: Part) -> Vec<u8> {
    let edge = (WIDTH * usize::from(part.get()) / 256) & !1;
    let mut out = under.to_vec();
    for (start, stride, rows) in planes() {
        let edge = if stride == WIDTH { edge } else { edge / 2 };
        for row in 0..rows {
            let at = start + row * stride;
            out[at..at + edge].copy_from_slice(&over[at..at + edge]);
        }
    }
    out
}

/// So much nearer to black.
pub fn darken(bytes: &mut [u8], black: Part) {
    if bytes.len() != BYTES {
        return;
    }
    let (luma, chroma) = bytes.split_at_mut(WIDTH * HEIGHT);
    for byte in luma {
        *byte = weighed(*byte, black.rest().get(), 16, black.get());
    }
    for byte in chroma {
        *byte = weighed(*byte, black.rest().get(), 128, black.get());
    }
}

/// Start, stride and rows of the three planes.
fn planes() -> [(usize, usize, usize); 3] {
    let luma = WIDTH * HEIGHT;
    let half = (WIDTH / 2, HEIGHT / 2);
    [(0, WIDTH, HEIGHT), (luma, half.0, half.1), (luma + half.0 * half.1, half.0, half.1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Colour, plain};
    use std::time::Duration;

    fn part(of_256: u64) -> Part {
        Part::of(Duration::from_millis(of_256), Duration::from_millis(256))
    }

    #[test]
    fn at_the_ends_one_picture_stands_alone_and_between_them_both_shine() {
        let (red, blue) = (plain(Colour::rgb(255, 0, 0)), plain(Colour::rgb(0, 0, 255)));
        for manner in [Manner::Mix, Manner::Wipe] {
            assert_eq!(blend(&red, &blue, manner, Part::NONE), red);
            assert_eq!(blend(&red, &blue, manner, Part::WHOLE), blue);
        }
        let half = blend(&red, &blue, Manner::Mix, part(128));
        assert_eq!(half[0], (81 + 41) / 2);
        let wiped = blend(&red, &blue, Manner::Wipe, part(64));
        assert_eq!((wiped[159], wiped[160]), (blue[0], red[0]));
        let row = WIDTH * HEIGHT;
        assert_eq!((wiped[row + 79], wiped[row + 80]), (blue[row], red[row]));
    }

    #[test]
    fn black_is_black_and_white_stays_white_without_it() {
        let mut white = plain(Colour::WHITE);
        darken(&mut white, Part::NONE);
        assert_eq!(white, plain(Colour::WHITE));
        darken(&mut white, Part::WHOLE);
        assert_eq!(white, plain(Colour::BLACK));
    }
}
