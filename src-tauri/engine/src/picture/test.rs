//! The test picture: a number to read across a room, the time of day to the millisecond, and a motion of its own
//! for each source.
//!
//! Refuses to read a clock: the frame's moment is given. Invariant: rows 0 to 32 and the square below them at the
//! left stay plain, as the time stamp and the flash of the clock plugin are painted there.

use std::time::Duration;

use super::{Area, Brush, Colour, HEIGHT, WIDTH, plain, text_width};
use crate::sources::SourceNumber;

/// What of the picture never changes.
pub struct TestPicture {
    number: SourceNumber,
    backdrop: Vec<u8>,
    bright: Colour,
}

/// Backdrop and bright colour of each source in turn: told apart by eye and by tests.
const PALETTE: [[(u8, u8, u8); 2]; 6] = [
    [(20, 60, 150), (120, 190, 255)],
    [(150, 40, 20), (255, 180, 120)],
    [(20, 110, 50), (150, 240, 160)],
    [(110, 30, 120), (240, 160, 250)],
    [(130, 100, 10), (250, 230, 120)],
    [(10, 105, 110), (140, 240, 245)],
];

/// The backdrop of a source's test picture.
pub fn backdrop(number: SourceNumber) -> Colour {
    let (r, g, b) = PALETTE[number.index() % PALETTE.len()][0];
    Colour::rgb(r, g, b)
}

impl TestPicture {
    /// The picture of this source.
    pub fn new(number: SourceNumber) -> Self {
        let (r, g, b) = PALETTE[number.index() % PALETTE.len()][1];
        let bright = Colour::rgb(r, g, b);
        let mut backdrop = plain(backdrop(number));
        if let Some(mut brush) = Brush::new(&mut backdrop) {
            let digits = number.to_string();
            let x = (WIDTH - text_width(digits.len(), 24)) / 2;
            brush.text(x, 50, 24, &digits, Colour::WHITE);
            brush.text(420, 50, 4, &format!("TEST {number}"), bright);
            brush.text(420, 90, 2, "640X360 60", bright);
        }
        Self { number, backdrop, bright }
    }

    /// The frame of this moment: `since` the source started, `wall_us` the time of day.
    pub fn frame(&self, since: Duration, wall_us: u64) -> Vec<u8> {
        let mut bytes = self.backdrop.clone();
        if let Some(mut brush) = Brush::new(&mut bytes) {
            self.motion(&mut brush, since);
            let clock = time_of_day(wall_us);
            brush.text((WIDTH - text_width(clock.len(), 6)) / 2, 250, 6, &clock, Colour::WHITE);
        }
        bytes
    }

    /// A block that travels in the manner of this source, and a ruler whose marks run along the lower edge.
    fn motion(&self, brush: &mut Brush<'_>, since: Duration) {
        let turn = since.as_secs_f32() / 3.0;
        let there_and_back = 1.0 - (turn.fract() * 2.0 - 1.0).abs();
        let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
        let (x, y) = match self.number.index() % 4 {
            0 => (there_and_back, 0.5 + 0.5 * sin),
            1 => (turn.fract(), 0.0),
            2 => (0.5 + 0.5 * cos, 0.5 + 0.5 * sin),
            _ => (1.0 - turn.fract(), there_and_back),
        };
        let even = |at: f32, room: usize| (at * room as f32) as usize & !1;
        let block = Area { x: 90 + even(x, WIDTH - 90 - 60), y: 120 + even(y, 80), width: 48, height: 40 };
        brush.fill(block, self.bright);
        let step = even(since.as_secs_f32().fract(), 64);
        for mark in 0..=WIDTH / 64 {
            let x = (mark * 64 + step) % (WIDTH + 64);
            brush.fill(Area { x, y: HEIGHT - 40, width: 24, height: 28 }, self.bright);
        }
    }
}

/// `HH:MM:SS.mmm`, UTC.
fn time_of_day(wall_us: u64) -> String {
    let ms = wall_us / 1_000;
    let (h, m, s) = (ms / 3_600_000 % 24, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{h:02}:{m:02}:{s:02}.{:03}", ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_reads_as_a_clock() {
        assert_eq!(time_of_day(1_763_861_696_789_123), "01:34:56.789");
    }

    #[test]
    fn pictures_of_two_sources_differ_and_each_moves_but_the_stamp_stays_plain() {
        let [one, two] = [1, 2].map(|n| TestPicture::new(SourceNumber::new(n).unwrap()));
        let frame = one.frame(Duration::ZERO, 0);
        assert_ne!(frame, two.frame(Duration::ZERO, 0));
        for n in 1..200u64 {
            let next = one.frame(Duration::from_millis(n * 17), n * 17_000);
            assert_ne!(frame, next);
            assert_eq!(frame[..32 * WIDTH], next[..32 * WIDTH]);
            assert!((32..112).all(|row| frame[row * WIDTH..][..80] == next[row * WIDTH..][..80]));
        }
    }
}
