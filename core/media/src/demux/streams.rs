//! Which elementary stream is which: stream types and descriptors of the PMT (ISO/IEC 13818-1 table 2-34,
//! 2.6; ETSI TS 103 491 for Opus; ETSI EN 300 468 for what broadcasters add).
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use crate::ts::psi::{Stream, descriptors};

/// What an elementary stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// H.264.
    H264,
    /// Opus, with channel_config_code.
    Opus(u8),
    /// Pictures in a codec that browsers do not play by WebRTC, or that we do not carry.
    ForeignVideo(&'static str),
    /// Sound likewise.
    ForeignAudio(&'static str),
    /// Subtitles, markers, data: not ours to judge.
    Data,
}

/// What `stream` holds.
pub(crate) fn content(stream: &Stream<'_>) -> Content {
    match stream.stream_type {
        0x01 | 0x02 => Content::ForeignVideo("MPEG-2"),
        0x03 | 0x04 => Content::ForeignAudio("MPEG audio"),
        0x06 => private(stream.descriptors),
        0x0f | 0x11 | 0x1c => Content::ForeignAudio("AAC"),
        0x10 => Content::ForeignVideo("MPEG-4 part 2"),
        0x1b => Content::H264,
        0x21 => Content::ForeignVideo("JPEG 2000"),
        0x24 => Content::ForeignVideo("H.265"),
        0x32 => Content::ForeignVideo("JPEG XS"),
        0x33 => Content::ForeignVideo("H.266"),
        0x80 | 0x83 => Content::ForeignAudio("LPCM"),
        0x81 => Content::ForeignAudio("AC-3"),
        0x87 => Content::ForeignAudio("E-AC-3"),
        _ => Content::Data,
    }
}

/// PES private data says by its descriptors what it is; Opus by two of them, of which the second has the channels.
fn private(list: &[u8]) -> Content {
    let mut found = Content::Data;
    for (tag, content) in descriptors(list) {
        match (tag, content) {
            (0x05, [b'O', b'p', b'u', b's', ..]) if found == Content::Data => found = Content::Opus(2),
            (0x05, [b'A', b'V', b'0', b'1', ..]) => found = Content::ForeignVideo("AV1"),
            (0x05, [b'H', b'E', b'V', b'C', ..]) => found = Content::ForeignVideo("H.265"),
            (0x05, [b'B', b'S', b'S', b'D', ..]) => found = Content::ForeignAudio("SMPTE 302M"),
            (0x05, [b'A', b'C', b'-', b'3', ..]) | (0x6a, _) => found = Content::ForeignAudio("AC-3"),
            (0x05, [b'E', b'A', b'C', b'3', ..]) | (0x7a, _) => found = Content::ForeignAudio("E-AC-3"),
            (0x7f, [0x80, channels, ..]) => found = Content::Opus(*channels),
            _ => {}
        }
    }
    found
}
