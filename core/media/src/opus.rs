//! Opus packets: how long one lasts (RFC 6716 3.1), and how MPEG-TS wraps it (ETSI TS 103 491 and the draft
//! "Encapsulation of Opus in ISO/IEC 13818-1", sections 4 and 5).
//!
//! Refuses to decode anything: duration and framing only.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use bytes::{BufMut, Bytes, BytesMut};

use crate::read::Reader;

/// The longest packet in ticks: 120 ms.
const MAX_TICKS: u64 = 10_800;
/// control_header_prefix, 11 bits: 0x3ff, at the top of 16.
const PREFIX: u16 = 0x7fe0;

/// How long `packet` lasts, in ticks of 90 kHz; `None` if it is no Opus packet.
///
/// ```
/// // CELT, 20 ms, one frame, mono.
/// assert_eq!(returnfeed_media::opus::duration(&[0xf8, 0xff, 0xfe]), Some(1_800));
/// ```
pub fn duration(packet: &[u8]) -> Option<u64> {
    let (toc, rest) = packet.split_first()?;
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(rest.first()? & 0x3f),
    };
    let ticks = frames.saturating_mul(frame_ticks(toc >> 3));
    (1..=MAX_TICKS).contains(&ticks).then_some(ticks)
}

/// RFC 6716 table 2: the configuration number gives the frame's length.
const fn frame_ticks(config: u8) -> u64 {
    match config {
        0 | 4 | 8 | 12 | 14 | 18 | 22 | 26 | 30 => 900,
        1 | 5 | 9 | 13 | 15 | 19 | 23 | 27 | 31 => 1_800,
        2 | 6 | 10 => 3_600,
        3 | 7 | 11 => 5_400,
        17 | 21 | 25 | 29 => 450,
        _ => 225,
    }
}

/// The control header before a packet of `size` bytes: no trimming, no extension.
pub(crate) fn control_header(size: usize) -> BytesMut {
    let mut out = BytesMut::new();
    out.put_u16(PREFIX);
    let mut left = size;
    while left >= 255 {
        out.put_u8(255);
        left = left.saturating_sub(255);
    }
    out.put_u8(u8::try_from(left).unwrap_or(0));
    out
}

/// The packets of one PES packet with the ticks that each lasts; `None` if its framing does not hold to the end.
pub(crate) fn split(body: &Bytes) -> Option<Vec<(Bytes, u64)>> {
    let mut reader = Reader::new(body);
    let mut packets = Vec::new();
    while !reader.is_empty() {
        let size = read_control_header(&mut reader)?;
        let packet = reader.take(size)?;
        packets.push((body.slice_ref(packet), duration(packet)?));
    }
    (!packets.is_empty()).then_some(packets)
}

/// opus_control_header(): the size of the packet behind it. Trimming is for files; live sound is not cut.
fn read_control_header(reader: &mut Reader<'_>) -> Option<usize> {
    let head = reader.u16()?;
    if head & 0xffe0 != PREFIX {
        return None;
    }
    let mut size = 0usize;
    loop {
        let byte = reader.u8()?;
        size = size.checked_add(usize::from(byte))?;
        if byte != 255 {
            break;
        }
    }
    for trim in [0x10, 0x08] {
        if head & trim != 0 {
            reader.u16()?;
        }
    }
    if head & 0x04 != 0 {
        let length = usize::from(reader.u8()?);
        reader.take(length)?;
    }
    Some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_follow_the_table_of_rfc_6716() {
        let of = |config: u8, code: u8, count: u8| duration(&[(config << 3) | code, count]);
        assert_eq!(of(0, 0, 0), Some(900), "SILK 10 ms");
        assert_eq!(of(3, 0, 0), Some(5_400), "SILK 60 ms");
        assert_eq!(of(12, 0, 0), Some(900), "hybrid 10 ms");
        assert_eq!(of(16, 0, 0), Some(225), "CELT 2.5 ms");
        assert_eq!(of(31, 1, 0), Some(3_600), "two frames of 20 ms");
        assert_eq!(of(31, 3, 6), Some(10_800), "six frames are the longest");
        assert_eq!(of(31, 3, 7), None, "140 ms is too long");
        assert_eq!(of(31, 3, 0), None, "no frame at all");
        assert_eq!(duration(&[]), None);
    }

    #[test]
    fn trimming_and_extensions_are_stepped_over() {
        let body = [0x7f, 0xfc, 3, 0, 9, 0, 9, 2, 0xaa, 0xbb, 0xf8, 0xff, 0xfe];
        let packets = split(&Bytes::copy_from_slice(&body)).unwrap();
        assert_eq!(packets, [(Bytes::from_static(&[0xf8, 0xff, 0xfe]), 1_800)]);
    }

    #[test]
    fn a_header_counts_in_steps_of_255() {
        for size in [0, 1, 254, 255, 256, 510, 1_000, 1_275] {
            let header = control_header(size);
            assert_eq!(read_control_header(&mut Reader::new(&header)), Some(size));
        }
    }

    #[test]
    fn a_packet_cut_short_spoils_the_whole_pes() {
        let good = [0x7f, 0xe0, 3, 0xf8, 0xff, 0xfe, 0x7f, 0xe0, 3, 0xf8, 0xff, 0xfe];
        assert_eq!(split(&Bytes::copy_from_slice(&good)).map(|packets| packets.len()), Some(2));
        for length in 1..good.len() {
            let cut = split(&Bytes::copy_from_slice(&good[..length]));
            assert_eq!(cut.is_some(), length == 6, "{length}");
        }
    }
}
