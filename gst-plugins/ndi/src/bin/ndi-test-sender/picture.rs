//! A picture that moves in every frame, so that a frozen one is seen; with the time in it if asked for.
//!
//! The time stands where the element `framestamp` puts it: two rows of 32 cells at the top left, each 20 by 16
//! pixels of a picture of 640x360; a marker and 24 bits of the time, then 24 bits and a CRC-8 of the six bytes.

use std::time::Duration;

use ndi_sdk_sys::Picture;

use crate::FORMAT;
use crate::rate::{Rate, Size};

/// Luma of a set and an unset cell, and of the bar and what is behind it.
const WHITE: u8 = 235;
const BLACK: u8 = 16;
const NEUTRAL: u8 = 128;
const MARKER: u64 = 0b1010_0110;
const CELLS: u32 = 32;
/// How far the bar moves from frame to frame, and how wide it is, in pixels.
const STEP: u32 = 4;
const BAR: u32 = 32;

pub(crate) struct MovingPicture {
    size: Size,
    stamp: bool,
    /// One row of colours, over which the bar moves.
    background: Vec<u8>,
    pixels: Vec<u8>,
}

impl MovingPicture {
    pub(crate) fn new(size: Size, stamp: bool) -> Self {
        // Chroma turns with the column, luma rises with it: every place of the row looks different.
        let background: Vec<u8> = (0..size.width / 2)
            .flat_map(|pair| {
                let share = f64::from(pair) / f64::from(size.width / 2);
                let turn = share * std::f64::consts::TAU;
                let code = |level: f64| level.clamp(16.0, 240.0) as u8;
                let luma = code(60.0 + 120.0 * share);
                [code(128.0 + 80.0 * turn.cos()), luma, code(128.0 + 80.0 * turn.sin()), luma]
            })
            .collect();
        let pixels = background.repeat(size.height as usize);
        Self { size, stamp, background, pixels }
    }

    /// The picture of a frame. `now` is the time since 1970.
    pub(crate) fn draw(&mut self, frame: u64, rate: Rate, now: Duration) -> Picture<'_> {
        let pairs = u64::from(self.size.width / 2);
        let at = u32::try_from(frame * u64::from(STEP / 2) % pairs).unwrap_or(0) * 2;
        for row in self.pixels.chunks_exact_mut(self.background.len()) {
            row.copy_from_slice(&self.background);
            fill(row, at, at + BAR, WHITE);
        }
        if self.stamp {
            self.write_time(now);
        }
        Picture {
            format: FORMAT,
            width: self.size.width,
            height: self.size.height,
            rate: rate.as_pair(),
            aspect: 0.0,
            data: &self.pixels,
        }
    }

    fn write_time(&mut self, now: Duration) {
        let bits = stamp_bits(now);
        let (cell_width, cell_height) = (self.size.width * 20 / 640, (self.size.height * 16 / 360).max(1));
        let rows = self.pixels.chunks_exact_mut(self.background.len()).take(cell_height as usize * 2);
        for (y, row) in rows.enumerate() {
            let word = if y < cell_height as usize { bits >> 32 } else { bits & 0xffff_ffff };
            for cell in 0..CELLS {
                let set = word >> (CELLS - 1 - cell) & 1 == 1;
                fill(row, cell * cell_width, (cell + 1) * cell_width, if set { WHITE } else { BLACK });
            }
        }
    }
}

/// Both rows of cells, the upper one in the upper half.
fn stamp_bits(now: Duration) -> u64 {
    let time = u64::try_from(now.as_micros() & 0xffff_ffff_ffff).unwrap_or(0);
    let crc = time.to_be_bytes()[2..].iter().fold(0_u8, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 })
    });
    MARKER << 56 | time << 8 | u64::from(crc)
}

/// Paints the columns `from..to` of a row grey; what lies beyond the row is left out.
fn fill(row: &mut [u8], from: u32, to: u32, luma: u8) {
    let end = row.len().min(to as usize * 2);
    let start = end.min(from as usize * 2);
    if let Some(columns) = row.get_mut(start..end) {
        for (index, value) in columns.iter_mut().enumerate() {
            *value = if index % 2 == 0 { NEUTRAL } else { luma };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 640, height: 360 };
    const RATE: Rate = Rate { frames: 60, seconds: 1 };

    #[test]
    fn every_frame_differs_from_the_one_before() {
        let mut picture = MovingPicture::new(SIZE, false);
        let mut before = picture.draw(0, RATE, Duration::ZERO).data.to_vec();
        for frame in 1..400 {
            let next = picture.draw(frame, RATE, Duration::ZERO).data.to_vec();
            assert_ne!(next, before, "frame {frame}");
            before = next;
        }
    }

    #[test]
    fn the_time_is_read_back_from_the_middle_of_its_cells() {
        let now = Duration::from_micros(0x1234_5678_9abc);
        let mut picture = MovingPicture::new(SIZE, true);
        let drawn = picture.draw(0, RATE, now).data.to_vec();
        let luma = |x: usize, y: usize| drawn[(y * 640 + x) * 2 + 1];
        let read = (0..64).fold(0_u64, |word, bit| {
            let (cell, row) = (bit % 32, bit / 32);
            word << 1 | u64::from(luma(cell * 20 + 10, row * 16 + 8) > 125)
        });
        assert_eq!(read >> 56, 0b1010_0110);
        assert_eq!(read >> 8 & 0xffff_ffff_ffff, 0x1234_5678_9abc);
    }

    #[test]
    fn the_check_is_the_crc_8_of_the_six_bytes() {
        // CRC-8 (polynomial 0x07, initial value 0) of the bytes 00 00 00 00 00 01.
        assert_eq!(stamp_bits(Duration::from_micros(1)) & 0xff, 0x07);
    }
}
