//! The PES header (ISO/IEC 13818-1 2.4.3.6), read and written.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use bytes::{BufMut, BytesMut};
use returnfeed_protocol::MediaTime;

use super::time;
use crate::read::Reader;

/// stream_id of the first video stream.
pub(crate) const VIDEO_STREAM: u8 = 0xe0;
/// private_stream_1, which carries Opus.
pub(crate) const PRIVATE_STREAM: u8 = 0xbd;
/// Bytes of the header that [`write`] makes, before stuffing.
pub(crate) const HEADER: usize = 14;

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Where the elementary stream begins, counted from the start code.
    pub(crate) body_at: usize,
    /// Bytes from the start code to the end; `None` when the sender left it open (PES_packet_length 0).
    pub(crate) total: Option<usize>,
    pub(crate) pts: Option<u64>,
    pub(crate) dts: Option<u64>,
}

/// A header that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderError {
    /// More bytes are needed.
    Short,
    /// These bytes are not a header, whatever follows.
    Malformed,
}

/// Reads the header at the front of `bytes`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Header, HeaderError> {
    let mut reader = Reader::new(bytes);
    let [a, b, c, stream] = reader.array().ok_or(HeaderError::Short)?;
    if [a, b, c] != [0, 0, 1] || !has_flags(stream) {
        return Err(HeaderError::Malformed);
    }
    let length = reader.u16().ok_or(HeaderError::Short)?;
    let [marker, flags, rest] = reader.array().ok_or(HeaderError::Short)?;
    if marker & 0xc0 != 0x80 {
        return Err(HeaderError::Malformed);
    }
    let optional = reader.take(usize::from(rest)).ok_or(HeaderError::Short)?;
    let body_at = usize::from(rest).saturating_add(9);
    let total = (length != 0).then(|| usize::from(length).saturating_add(6));
    if total.is_some_and(|total| total < body_at) {
        return Err(HeaderError::Malformed);
    }
    let (pts, dts) = stamps(flags, optional)?;
    Ok(Header { body_at, total, pts, dts })
}

fn stamps(flags: u8, optional: &[u8]) -> Result<(Option<u64>, Option<u64>), HeaderError> {
    let mut reader = Reader::new(optional);
    let mut stamp = |wanted: bool| {
        if !wanted {
            return Ok(None);
        }
        let bytes = reader.array().ok_or(HeaderError::Malformed)?;
        time::decode_stamp(bytes).map(Some).ok_or(HeaderError::Malformed)
    };
    Ok((stamp(flags & 0x80 != 0)?, stamp(flags & 0xc0 == 0xc0)?))
}

/// Table 2-21: these stream ids have no flags behind the length, and none of them carries a picture or sound.
const fn has_flags(stream: u8) -> bool {
    !matches!(stream, 0xbc | 0xbe | 0xbf | 0xf0 | 0xf1 | 0xf2 | 0xf8 | 0xff)
}

/// A header with a PTS and `stuffing` bytes behind it, for `body` bytes; open when they do not fit in 16 bits.
pub(crate) fn write(stream: u8, pts: MediaTime, body: usize, stuffing: u8) -> BytesMut {
    let mut out = BytesMut::with_capacity(HEADER.saturating_add(usize::from(stuffing)));
    let length = body.saturating_add(8).saturating_add(usize::from(stuffing));
    out.put_slice(&[0, 0, 1, stream]);
    out.put_u16(u16::try_from(length).unwrap_or(0));
    // data_alignment_indicator: a unit begins at the first byte. PTS only: nothing here is reordered.
    out.put_slice(&[0x84, 0x80, stuffing.saturating_add(5)]);
    out.put_slice(&time::encode_pts(pts));
    out.put_bytes(0xff, usize::from(stuffing));
    out
}
