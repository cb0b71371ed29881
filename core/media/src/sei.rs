//! SEI messages of a NAL unit (H.264 7.3.2.3.1): each a type and its content.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use crate::h264::{Nal, unescape};
use crate::read::Reader;

/// sei_message() after sei_message(), each its payloadType and content.
pub(crate) fn messages(nal: &Nal<'_>) -> impl Iterator<Item = (u32, Vec<u8>)> {
    let rbsp = unescape(nal.bytes());
    let mut at = 1usize;
    std::iter::from_fn(move || {
        let mut reader = Reader::new(rbsp.get(at..)?);
        let kind = read_count(&mut reader)?;
        let size = usize::try_from(read_count(&mut reader)?).ok()?;
        let content = reader.take(size)?.to_vec();
        at = rbsp.len().checked_sub(reader.rest().len())?;
        Some((kind, content))
    })
}

/// A number in steps of 255.
fn read_count(reader: &mut Reader<'_>) -> Option<u32> {
    let mut count = 0u32;
    loop {
        let byte = reader.u8()?;
        count = count.checked_add(u32::from(byte))?;
        if byte != 255 {
            return Some(count);
        }
    }
}
