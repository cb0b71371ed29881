//! Where the cells stand in a picture, how they are painted and read.
//!
//! Pure: planes of samples go in. At 640x360 a cell is 20x16 pixels, two rows of 32 at the very top; other sizes
//! scale. It refuses nothing: what lies outside a plane is not painted and reads as black. Invariant: what is painted
//! at one size is read at any other that the picture is scaled to.

use std::ops::Range;

use crate::bits::{CELLS, COLUMNS};

const WHITE: u8 = 235;
const BLACK: u8 = 16;
const GREY: u8 = 128;

/// One component of a picture: samples `pixel_stride` bytes apart in lines `stride` bytes apart.
#[derive(Debug)]
pub struct Plane<Data> {
    /// The samples, from the first one of this component.
    pub data: Data,
    /// Bytes from a line to the next.
    pub stride: usize,
    /// Bytes from a sample to the next.
    pub pixel_stride: usize,
    /// This component's width and height are the picture's shifted right by these.
    pub shift: (u32, u32),
    /// Brightness, or one of the two colours.
    pub component: Component,
}

/// What the samples of a plane mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// Brightness: cells are white or black.
    Luma,
    /// Colour: cells are grey.
    Chroma,
}

/// A rectangle in pixels of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Area {
    x: Range<usize>,
    y: Range<usize>,
}

/// Paints the cells into one component of a picture.
pub fn paint(plane: &mut Plane<&mut [u8]>, width: usize, height: usize, cells: &[bool; CELLS]) {
    for (index, white) in cells.iter().enumerate() {
        fill(plane, &cell(index, width, height), *white);
    }
}

/// Paints the flash's square (80x80 under the cells at 640x360): white, or black.
pub fn paint_flash(plane: &mut Plane<&mut [u8]>, width: usize, height: usize, white: bool) {
    fill(plane, &flash(width, height), white);
}

/// Whether the flash shines at this time: the first 100 ms of each second since 1970.
#[must_use]
pub fn shines(unix_ms: u64) -> bool {
    unix_ms % 1000 < 100
}

/// Reads the cells from a luma plane: the mean of each cell's inner half, against middle grey.
#[must_use]
pub fn read(luma: &Plane<&[u8]>, width: usize, height: usize) -> [bool; CELLS] {
    std::array::from_fn(|index| mean(luma, &cell(index, width, height)) > 126)
}

/// Whether the flash's square is white in a luma plane.
#[must_use]
pub fn reads_flash(luma: &Plane<&[u8]>, width: usize, height: usize) -> bool {
    mean(luma, &flash(width, height)) > 126
}

fn cell(index: usize, width: usize, height: usize) -> Area {
    let (row, column) = (index / COLUMNS, index % COLUMNS);
    let (x, y) = (|column| column * width / COLUMNS, |row| row * 16 * height / 360);
    Area { x: x(column)..x(column + 1), y: y(row)..y(row + 1) }
}

fn flash(width: usize, height: usize) -> Area {
    Area { x: 0..80 * width / 640, y: 32 * height / 360..112 * height / 360 }
}

fn fill(plane: &mut Plane<&mut [u8]>, area: &Area, white: bool) {
    let value = match (plane.component, white) {
        (Component::Luma, true) => WHITE,
        (Component::Luma, false) => BLACK,
        (Component::Chroma, _) => GREY,
    };
    let (across, down) = plane.shift;
    for y in area.y.start >> down..area.y.end >> down {
        for x in area.x.start >> across..area.x.end >> across {
            if let Some(sample) = plane.data.get_mut(y * plane.stride + x * plane.pixel_stride) {
                *sample = value;
            }
        }
    }
}

fn mean(luma: &Plane<&[u8]>, area: &Area) -> u32 {
    let inner = |range: &Range<usize>| {
        let quarter = range.len() / 4;
        range.start + quarter..range.end - quarter
    };
    let (mut sum, mut count) = (0, 0);
    for y in inner(&area.y) {
        for x in inner(&area.x) {
            sum += luma.data.get(y * luma.stride + x * luma.pixel_stride).copied().map_or(0, u32::from);
            count += 1;
        }
    }
    sum / count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits;

    const TIME: u64 = 106_549_709_620_332;

    fn luma(data: &[u8], stride: usize) -> Plane<&[u8]> {
        Plane { data, stride, pixel_stride: 1, shift: (0, 0), component: Component::Luma }
    }

    fn painted(width: usize, height: usize) -> Vec<u8> {
        let mut data = vec![90; width * height];
        let component = Component::Luma;
        let mut plane =
            Plane { data: &mut data[..], stride: width, pixel_stride: 1, shift: (0, 0), component };
        paint(&mut plane, width, height, &bits::write(TIME));
        data
    }

    #[test]
    fn cells_are_twenty_by_sixteen_at_full_size_and_half_that_at_half() {
        assert_eq!(cell(33, 640, 360), Area { x: 20..40, y: 16..32 });
        assert_eq!(cell(33, 320, 180), Area { x: 10..20, y: 8..16 });
        assert_eq!(flash(640, 360), Area { x: 0..80, y: 32..112 });
    }

    #[test]
    fn what_is_painted_is_read_at_every_size() {
        for (width, height) in [(640, 360), (320, 180), (1920, 1080), (1280, 720), (426, 240)] {
            let data = painted(width, height);
            assert_eq!(bits::read(&read(&luma(&data, width), width, height)), Ok(TIME), "{width}x{height}");
        }
    }

    #[test]
    fn what_is_painted_large_is_read_when_scaled_down() {
        let large = painted(640, 360);
        let small: Vec<u8> = (0..180)
            .flat_map(|y| (0..320).map(move |x| (x * 2, y * 2)))
            .map(|(x, y)| large[y * 640 + x])
            .collect();
        assert_eq!(bits::read(&read(&luma(&small, 320), 320, 180)), Ok(TIME));
    }

    #[test]
    fn packed_samples_are_painted_with_their_colour_grey() {
        let mut uyvy = vec![0u8; 640 * 2 * 360];
        let parts = [
            (1, 2, (0, 0), Component::Luma),
            (0, 4, (1, 0), Component::Chroma),
            (2, 4, (1, 0), Component::Chroma),
        ];
        for (from, pixel_stride, shift, component) in parts {
            let mut plane = Plane { data: &mut uyvy[from..], stride: 1280, pixel_stride, shift, component };
            paint(&mut plane, 640, 360, &bits::write(TIME));
        }
        let luma = Plane {
            data: &uyvy[1..],
            stride: 1280,
            pixel_stride: 2,
            shift: (0, 0),
            component: Component::Luma,
        };
        assert_eq!(bits::read(&read(&luma, 640, 360)), Ok(TIME));
        assert!(uyvy[..32 * 1280].iter().step_by(2).all(|sample| *sample == GREY));
        assert!(uyvy[32 * 1280..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn an_unstamped_picture_has_no_time() {
        assert_eq!(bits::read(&read(&luma(&[90; 640 * 360], 640), 640, 360)), Err(bits::Unreadable::Absent));
        assert_eq!(bits::read(&read(&luma(&[], 640), 640, 360)), Err(bits::Unreadable::Absent));
    }

    #[test]
    fn the_flash_shines_a_tenth_of_each_second() {
        assert_eq!((0..5000).filter(|ms| shines(*ms)).count(), 500);
        assert!(shines(7000) && shines(7099) && !shines(7100) && !shines(7999));
    }
}
