//! The stamp as 64 bits: a magic word, 48 bits of time, a check sum.
//!
//! Pure. It refuses a stamp whose magic word or check sum is wrong. Invariant: `read(&write(t)) == Ok(t mod 2^48)`.

/// Cells in a row.
pub const COLUMNS: usize = 32;
/// Rows of cells.
pub const ROWS: usize = 2;
/// How many cells, one bit each: the most significant bit first, row after row.
pub const CELLS: usize = COLUMNS * ROWS;

const MAGIC: u8 = 0b1010_0110;
const TIME_MASK: u64 = (1 << 48) - 1;

/// Why no time was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The magic word is not there: an unstamped picture, or another size than the stamp's.
    Absent,
    /// The magic word is there, but the check sum does not fit: the picture was damaged too much.
    Damaged,
}

/// The 64 cells (`true` is white) of a time in microseconds since 1970.
#[must_use]
pub fn write(unix_us: u64) -> [bool; CELLS] {
    let time = unix_us & TIME_MASK;
    let word = u64::from(MAGIC) << 56 | time << 8 | u64::from(crc8(time));
    std::array::from_fn(|cell| word >> (CELLS - 1 - cell) & 1 == 1)
}

/// The time in the cells, in microseconds modulo 2^48.
///
/// # Errors
/// Says whether there is no stamp or a damaged one.
pub fn read(cells: &[bool; CELLS]) -> Result<u64, Unreadable> {
    let word = cells.iter().fold(0u64, |word, cell| word << 1 | u64::from(*cell));
    if word >> 56 != u64::from(MAGIC) {
        return Err(Unreadable::Absent);
    }
    let time = word >> 8 & TIME_MASK;
    if word & 0xff != u64::from(crc8(time)) {
        return Err(Unreadable::Damaged);
    }
    Ok(time)
}

/// How long ago the stamp was written, in microseconds, at `now` (since 1970): the stamp counts modulo 2^48 (8.9
/// years), so the nearest of its times is meant. Negative when the two clocks disagree.
#[must_use]
pub fn age(now_us: u64, stamp_us: u64) -> i64 {
    let since = now_us.wrapping_sub(stamp_us) & TIME_MASK;
    // The upper half of the circle is the future.
    (since << 16) as i64 >> 16
}

/// CRC-8 with polynomial 0x07 from 0, over the six bytes of the time, the most significant first.
fn crc8(time: u64) -> u8 {
    time.to_be_bytes().iter().skip(2).fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 != 0 { crc << 1 ^ 0x07 } else { crc << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_a_time_comes_back() {
        for bit in 0..48 {
            assert_eq!(read(&write(1 << bit)), Ok(1 << bit));
        }
        assert_eq!(read(&write(u64::MAX)), Ok(TIME_MASK));
    }

    #[test]
    fn the_layout_is_the_one_the_browser_reads() {
        let cells = write(0x0000_0102_0304_0506);
        let bytes: Vec<u8> =
            cells.chunks(8).map(|bits| bits.iter().fold(0, |b, c| b << 1 | u8::from(*c))).collect();
        assert_eq!(bytes, [0xa6, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x2f]);
    }

    #[test]
    fn one_wrong_cell_is_always_noticed() {
        let whole = write(1_795_000_000_123_456);
        for cell in 0..CELLS {
            let mut cells = whole;
            cells[cell] = !cells[cell];
            let expected = if cell < 8 { Unreadable::Absent } else { Unreadable::Damaged };
            assert_eq!(read(&cells), Err(expected), "cell {cell}");
        }
    }

    #[test]
    fn age_looks_across_the_end_of_the_circle() {
        assert_eq!(age((1 << 48) + 5, (1 << 48) - 5), 10);
        assert_eq!(age(1_795_000_000_000_000, (1_795_000_000_000_000 - 7) & TIME_MASK), 7);
        assert_eq!(age(100, 103), -3);
    }
}
