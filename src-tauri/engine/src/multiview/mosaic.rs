//! Where each picture stands in the multiview, and the picture of all of them. Pure.
//!
//! Refuses to scale but by a half. Invariant: tiles do not overlap.

use serde::Serialize;

use crate::picture::{HEIGHT, WIDTH};
use crate::sources::SourceNumber;

/// At most so many sources are shown.
pub const MOST: usize = 8;
/// Sources in a row.
const ROW: usize = 4;

/// What a tile shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// What comes next.
    Preview,
    /// What is on air, with everything that lies over it.
    Programme,
    /// A source as it would be on air.
    Source(SourceNumber),
    /// The programme as it comes back from the cloud.
    Monitor,
}

/// A tile, in pixels of the whole picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tile {
    /// What it shows.
    pub shows: Shows,
    /// Left edge.
    pub x: usize,
    /// Upper edge.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

/// Where everything stands; it stays so until the monitor comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// Width of the whole picture.
    pub width: usize,
    /// Height of the whole picture.
    pub height: usize,
    /// Preview, programme, the sources by number, then the monitor where there is one.
    pub tiles: Vec<Tile>,
}

impl Layout {
    /// For a show of this many sources, with the monitor or without.
    pub fn of(sources: usize, monitor: bool) -> Self {
        let sources = sources.min(MOST);
        let small = (0..sources).map(|place| Shows::Source(SourceNumber::at(place)));
        let small: Vec<Shows> = small.chain(monitor.then_some(Shows::Monitor)).collect();
        let large = |shows, x| Tile { shows, x, y: 0, width: WIDTH, height: HEIGHT };
        let mut tiles = vec![large(Shows::Preview, 0), large(Shows::Programme, WIDTH)];
        let rows = small.len().div_ceil(ROW);
        tiles.extend(small.into_iter().enumerate().map(|(place, shows)| Tile {
            shows,
            x: place % ROW * (WIDTH / 2),
            y: HEIGHT + place / ROW * (HEIGHT / 2),
            width: WIDTH / 2,
            height: HEIGHT / 2,
        }));
        Self { width: WIDTH * 2, height: HEIGHT + rows * (HEIGHT / 2), tiles }
    }
}

/// An I420 picture of any size, in the full range that JPEG wants.
pub(super) struct Canvas {
    width: usize,
    bytes: Vec<u8>,
    luma: [u8; 256],
    chroma: [u8; 256],
}

/// One plane of a canvas.
#[derive(Clone, Copy)]
struct Plane {
    /// Where it begins in the canvas.
    to: usize,
    /// Its width there.
    stride: usize,
    /// Where it begins in a picture, and its width and height there.
    from: usize,
    width: usize,
    height: usize,
    /// How many pixels of the picture are one of it.
    of: usize,
}

impl Canvas {
    /// Black.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let mut bytes = vec![0; width * height * 3 / 2];
        bytes.iter_mut().skip(width * height).for_each(|byte| *byte = 128);
        // BT.601: 16 to 235 and 16 to 240 become 0 to 255.
        let stretch = |middle: f32, by: f32, around: f32| {
            std::array::from_fn(|n| ((n as f32 - middle) * by + around).round() as u8)
        };
        let (luma, chroma) = (stretch(16.0, 255.0 / 219.0, 0.0), stretch(128.0, 255.0 / 224.0, 128.0));
        Self { width, bytes, luma, chroma }
    }

    /// Puts a picture into a tile: whole, or by the half. A picture of another size is left out.
    pub(super) fn put(&mut self, picture: &[u8], tile: &Tile) {
        if picture.len() != crate::picture::BYTES {
            return;
        }
        let half = tile.width < WIDTH;
        for plane in self.planes() {
            let table = if plane.of == 1 { self.luma } else { self.chroma };
            let (x, y) = (tile.x / plane.of, tile.y / plane.of);
            let source = &picture[plane.from..plane.from + plane.width * plane.height];
            let rows = if half { plane.height / 2 } else { plane.height };
            let columns = if half { plane.width / 2 } else { plane.width };
            for row in 0..rows {
                let at = plane.to + (y + row) * plane.stride + x;
                let Some(line) = self.bytes.get_mut(at..at + columns) else { return };
                if half {
                    let two = &source[row * 2 * plane.width..][..plane.width * 2];
                    let (upper, lower) = two.split_at(plane.width);
                    let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
                    for (to, (a, b)) in line.iter_mut().zip(pairs) {
                        let sum: u16 = a.iter().chain(b).map(|byte| u16::from(*byte)).sum();
                        *to = table[usize::from(sum / 4)];
                    }
                } else {
                    let from = &source[row * plane.width..][..plane.width];
                    line.iter_mut().zip(from).for_each(|(to, from)| *to = table[usize::from(*from)]);
                }
            }
        }
    }

    /// The picture.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn planes(&self) -> [Plane; 3] {
        let luma = self.bytes.len() * 2 / 3;
        let (quarter, picture) = (luma / 4, WIDTH * HEIGHT);
        let half = |to, from| Plane {
            to,
            stride: self.width / 2,
            from,
            width: WIDTH / 2,
            height: HEIGHT / 2,
            of: 2,
        };
        [
            Plane { to: 0, stride: self.width, from: 0, width: WIDTH, height: HEIGHT, of: 1 },
            half(luma, picture),
            half(luma + quarter, picture + picture / 4),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Colour, plain};

    #[test]
    fn tiles_fill_the_picture_without_overlap_for_every_number_of_sources() {
        for (sources, monitor) in (1..=10).flat_map(|sources| [(sources, false), (sources, true)]) {
            let layout = Layout::of(sources, monitor);
            assert_eq!(layout.tiles.len(), sources.min(MOST) + 2 + usize::from(monitor));
            let mut taken = vec![false; layout.width * layout.height];
            for tile in &layout.tiles {
                for y in tile.y..tile.y + tile.height {
                    for x in tile.x..tile.x + tile.width {
                        assert!(!std::mem::replace(&mut taken[y * layout.width + x], true), "{tile:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn each_picture_stands_in_its_tile_in_full_range() {
        let layout = Layout::of(5, true);
        let mut canvas = Canvas::new(layout.width, layout.height);
        for (n, tile) in layout.tiles.iter().enumerate() {
            canvas.put(&plain(Colour { y: 16 + n as u8 * 20, u: 128, v: 240 }), tile);
        }
        let bytes = canvas.into_bytes();
        let expected = |n: usize| ((n * 20) as f32 * 255.0 / 219.0).round() as u8;
        for (n, tile) in layout.tiles.iter().enumerate() {
            let corner = (tile.y + tile.height - 1) * layout.width + tile.x + tile.width - 1;
            assert_eq!([bytes[tile.y * layout.width + tile.x], bytes[corner]], [expected(n); 2], "{tile:?}");
        }
        let luma = layout.width * layout.height;
        assert_eq!((bytes[luma], bytes[luma + luma / 4]), (128, 255));
    }
}
