//! Time stamps of 33 bits at 90 kHz: written, read, and unwrapped into a timeline that does not start over
//! every 26.5 hours (ISO/IEC 13818-1 2.4.3.5, 2.4.3.7).
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]

use returnfeed_protocol::MediaTime;

const BITS: u64 = 1 << 33;
const MASK: u64 = BITS - 1;

/// A PTS as it stands in a PES header with PTS only: prefix `0010`, three groups, three marker bits.
pub(crate) const fn encode_pts(time: MediaTime) -> [u8; 5] {
    let t = time.0 & MASK;
    [
        0x21 | ((t >> 29) as u8 & 0x0e),
        (t >> 22) as u8,
        0x01 | ((t >> 14) as u8 & 0xfe),
        (t >> 7) as u8,
        0x01 | ((t << 1) as u8 & 0xfe),
    ]
}

/// A PTS or DTS; `None` when a marker bit is missing, which a damaged header shows this way.
pub(crate) const fn decode_stamp(bytes: [u8; 5]) -> Option<u64> {
    let [a, b, c, d, e] = bytes;
    if a & c & e & 1 == 0 {
        return None;
    }
    Some(
        ((a as u64 & 0x0e) << 29)
            | ((b as u64) << 22)
            | ((c as u64 & 0xfe) << 14)
            | ((d as u64) << 7)
            | ((e as u64) >> 1),
    )
}

/// A program clock reference: base of 33 bits, six reserved bits, extension 0.
pub(crate) const fn encode_pcr(time: MediaTime) -> [u8; 6] {
    let [_, _, bytes @ ..] = (((time.0 & MASK) << 15) | (0x3f << 9)).to_be_bytes();
    bytes
}

/// From one stamp forward to another, modulo 2^33.
pub(crate) const fn distance(from: u64, to: u64) -> u64 {
    to.wrapping_sub(from) & MASK
}

/// Unwraps stamps of 33 bits: each is taken as the nearest moment to the one before.
///
/// Both tracks of a stream share one timeline, or they would part at the wrap.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    last: Option<u64>,
}

impl Timeline {
    pub(crate) const fn near(reference: MediaTime) -> Self {
        Self { last: Some(reference.0) }
    }

    pub(crate) fn unwrap_stamp(&mut self, stamp: u64) -> MediaTime {
        let stamp = stamp & MASK;
        let near = self.last.unwrap_or(stamp);
        let ahead = distance(near, stamp);
        let time = if ahead < BITS / 2 { near.checked_add(ahead) } else { near.checked_sub(BITS - ahead) };
        match time {
            Some(time) => {
                self.last = Some(time);
                MediaTime(time)
            }
            // Before the timeline began: only what was interleaved with a stream's first unit at a wrap.
            None => MediaTime(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pts_survives_writing_and_reading() {
        for t in [0, 1, 0x7fff, 0x8000, 0x3fff_ffff, 0x4000_0000, MASK - 1, MASK] {
            assert_eq!(decode_stamp(encode_pts(MediaTime(t))), Some(t));
        }
        assert_eq!(decode_stamp(encode_pts(MediaTime(BITS + 7))), Some(7));
    }

    #[test]
    fn a_stamp_without_its_marker_bits_is_refused() {
        assert_eq!(decode_stamp([0x20, 0, 1, 0, 1]), None);
        assert_eq!(decode_stamp([0x21, 0, 0, 0, 1]), None);
        assert_eq!(decode_stamp([0x21, 0, 1, 0, 0]), None);
    }

    #[test]
    fn a_pcr_has_its_reserved_bits_set() {
        assert_eq!(encode_pcr(MediaTime(0)), [0, 0, 0, 0, 0x7e, 0]);
        assert_eq!(encode_pcr(MediaTime(1)), [0, 0, 0, 0, 0xfe, 0]);
        assert_eq!(encode_pcr(MediaTime(MASK)), [0xff, 0xff, 0xff, 0xff, 0xfe, 0]);
    }

    #[test]
    fn the_timeline_goes_on_over_the_wrap_in_both_directions() {
        let mut line = Timeline::default();
        assert_eq!(line.unwrap_stamp(MASK - 10), MediaTime(MASK - 10));
        assert_eq!(line.unwrap_stamp(5), MediaTime(BITS + 5));
        assert_eq!(line.unwrap_stamp(MASK - 3), MediaTime(MASK - 3), "audio just behind video");
        assert_eq!(line.unwrap_stamp(100), MediaTime(BITS + 100));
    }

    #[test]
    fn what_lies_before_the_first_stamp_is_time_zero() {
        let mut line = Timeline::default();
        assert_eq!(line.unwrap_stamp(100), MediaTime(100));
        assert_eq!(line.unwrap_stamp(MASK - 10), MediaTime(0));
        assert_eq!(line.unwrap_stamp(200), MediaTime(200));
    }

    #[test]
    fn a_reference_days_old_places_the_first_stamp_beside_it() {
        let mut line = Timeline::near(MediaTime(3 * BITS + 50));
        assert_eq!(line.unwrap_stamp(60), MediaTime(3 * BITS + 60));
        let mut end = Timeline::near(MediaTime(u64::MAX));
        assert_eq!(end.unwrap_stamp(5), MediaTime(0), "the end of time does not panic");
    }
}
