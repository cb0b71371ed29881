//! The one picture format inside the engine, and a brush for the pictures that the engine makes itself: test
//! pictures and slates.
//!
//! Refuses anything but I420 640x360 without padding. Invariant: painting outside the picture is cut off, never a
//! panic.

pub mod blend;
mod font;
pub mod key;
pub mod slate;
pub mod test;
mod words;

/// Width of every picture, in pixels.
pub const WIDTH: usize = 640;
/// Height of every picture, in pixels.
pub const HEIGHT: usize = 360;
/// Bytes of a picture: luma and two quarter-size chroma planes.
pub const BYTES: usize = WIDTH * HEIGHT * 3 / 2;

/// The caps of every picture. One colorimetry for all sources, so that a cut never renegotiates the encoder.
pub fn caps() -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", WIDTH as i32)
        .field("height", HEIGHT as i32)
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .field("colorimetry", "bt601")
        .build()
}

/// A colour in BT.601 studio range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Luma, 16 to 235.
    pub y: u8,
    /// Blue difference, 128 is none.
    pub u: u8,
    /// Red difference, 128 is none.
    pub v: u8,
}

impl Colour {
    /// White.
    pub const WHITE: Self = Self { y: 235, u: 128, v: 128 };
    /// Black.
    pub const BLACK: Self = Self { y: 16, u: 128, v: 128 };

    /// From red, green and blue, 0 to 255 each (ITU-R BT.601 2.5.3).
    pub fn rgb(red: u8, green: u8, blue: u8) -> Self {
        let [r, g, b] = [red, green, blue].map(|c| f32::from(c) / 255.0);
        let y = 16.0 + 65.481 * r + 128.553 * g + 24.966 * b;
        let u = 128.0 - 37.797 * r - 74.203 * g + 112.0 * b;
        let v = 128.0 + 112.0 * r - 93.786 * g - 18.214 * b;
        // Float to int saturates.
        Self { y: y.round() as u8, u: u.round() as u8, v: v.round() as u8 }
    }
}

/// Where to paint; everything even, as chroma has half the resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: usize,
    /// Upper edge.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

/// Paints into one I420 picture.
pub struct Brush<'a> {
    luma: &'a mut [u8],
    chroma: [&'a mut [u8]; 2],
}

impl<'a> Brush<'a> {
    /// Over the bytes of a picture; `None` unless there are [`BYTES`] of them.
    pub fn new(bytes: &'a mut [u8]) -> Option<Self> {
        if bytes.len() != BYTES {
            return None;
        }
        let (luma, rest) = bytes.split_at_mut(WIDTH * HEIGHT);
        let (u, v) = rest.split_at_mut(WIDTH * HEIGHT / 4);
        Some(Self { luma, chroma: [u, v] })
    }

    /// Fills an area.
    pub fn fill(&mut self, area: Area, colour: Colour) {
        fill_plane(self.luma, WIDTH, area, colour.y);
        let half = Area { x: area.x / 2, y: area.y / 2, width: area.width / 2, height: area.height / 2 };
        for (plane, value) in self.chroma.iter_mut().zip([colour.u, colour.v]) {
            fill_plane(plane, WIDTH / 2, half, value);
        }
    }

    /// Writes text whose pixels are squares of `scale` (even), its upper left corner at `x`, `y`. What the small
    /// built-in font lacks becomes an empty box.
    pub fn text(&mut self, x: usize, y: usize, scale: usize, text: &str, colour: Colour) {
        for (n, letter) in text.chars().enumerate() {
            for (row, bits) in font::glyph(letter).into_iter().enumerate() {
                for column in
                    (0..font::COLUMNS).filter(|column| bits >> (font::COLUMNS - 1 - column) & 1 == 1)
                {
                    let x = x + (n * (font::COLUMNS + 1) + column) * scale;
                    self.fill(Area { x, y: y + row * scale, width: scale, height: scale }, colour);
                }
            }
        }
    }
}

/// Width of a text of `letters` at `scale`, in pixels.
pub fn text_width(letters: usize, scale: usize) -> usize {
    (letters * (font::COLUMNS + 1)).saturating_sub(1) * scale
}

fn fill_plane(plane: &mut [u8], stride: usize, area: Area, value: u8) {
    let right = (area.x + area.width).min(stride);
    for row in plane.chunks_exact_mut(stride).skip(area.y).take(area.height) {
        if let Some(pixels) = row.get_mut(area.x..right) {
            pixels.fill(value);
        }
    }
}

/// A picture of one colour.
pub fn plain(colour: Colour) -> Vec<u8> {
    let mut bytes = vec![colour.y; BYTES];
    if let Some(mut brush) = Brush::new(&mut bytes) {
        brush.fill(Area { x: 0, y: 0, width: WIDTH, height: HEIGHT }, colour);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn painting_over_the_edge_is_cut_off() {
        let mut bytes = plain(Colour::BLACK);
        let mut brush = Brush::new(&mut bytes).unwrap();
        brush.fill(Area { x: 630, y: 350, width: 100, height: 100 }, Colour::WHITE);
        brush.fill(Area { x: 700, y: 400, width: 10, height: 10 }, Colour::WHITE);
        brush.text(600, 340, 8, "EDGE", Colour::WHITE);
        assert_eq!(bytes[WIDTH * HEIGHT - 1], 235);
        assert_eq!(bytes[0], 16);
        assert!(Brush::new(&mut bytes[1..]).is_none());
    }

    #[test]
    fn primary_colours_are_those_of_the_standard() {
        assert_eq!(Colour::rgb(255, 255, 255), Colour::WHITE);
        assert_eq!(Colour::rgb(0, 0, 0), Colour::BLACK);
        assert_eq!(Colour::rgb(255, 0, 0), Colour { y: 81, u: 90, v: 240 });
    }
}
