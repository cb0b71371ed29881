//! The blocks behind a conclusion handshake (3.2.1.1): latency, key material, stream id, and what we refuse.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use super::Words;

const HS_REQUEST: u16 = 1;
const HS_RESPONSE: u16 = 2;
const KM_REQUEST: u16 = 3;
const KM_RESPONSE: u16 = 4;
const STREAM_ID: u16 = 5;
const CONGESTION: u16 = 6;
const FILTER: u16 = 7;
const GROUP: u16 = 8;

/// Bits of the handshake's extension field.
pub(crate) const HAS_HS: u16 = 1;
/// Key material follows.
pub(crate) const HAS_KM: u16 = 2;
/// A stream id follows.
pub(crate) const HAS_CONFIG: u16 = 4;
/// The stream-id extension's longest text.
pub(crate) const MAX_STREAM_ID: usize = 512;

/// Timestamp-based delivery both ways, encryption, too-late drop, periodic NAK, the repeated flag.
const FLAGS: u32 = 0x3f;
/// A byte stream instead of messages: not live mode.
const STREAM: u32 = 0x40;
/// The version of libsrt whose behaviour is spoken here, 1.5; its patch number, one that libsrt does not have,
/// tells two ends of this crate that the other one reads a probe (`Control::KeepAlive`).
const OUR_VERSION: u32 = 0x0001_0552;

/// HSREQ and HSRSP, the same fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// Of the library.
    pub(crate) version: u32,
    /// What it can do.
    pub(crate) flags: u32,
    /// Milliseconds that the sender of this block waits as a receiver.
    pub(crate) receive_latency: u16,
    /// Milliseconds that it asks its peer to wait.
    pub(crate) send_latency: u16,
}

impl Agreement {
    /// Ours, with one latency for both ways.
    pub(crate) const fn ours(latency_ms: u16) -> Self {
        Self { version: OUR_VERSION, flags: FLAGS, receive_latency: latency_ms, send_latency: latency_ms }
    }

    /// Whether the peer reads probes.
    pub(crate) const fn is_ours(self) -> bool {
        self.version == OUR_VERSION
    }

    /// Whether the peer wants a byte stream.
    pub(crate) const fn is_stream(self) -> bool {
        self.flags & STREAM != 0
    }
}

/// What the blocks say, each at most once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Extensions<'a> {
    /// HSREQ or HSRSP.
    pub(crate) agreement: Option<Agreement>,
    /// KMREQ or KMRSP.
    pub(crate) key: Option<&'a [u8]>,
    /// SID.
    pub(crate) stream_id: Option<String>,
    /// Another congestion control than "live".
    pub(crate) foreign_congestion: bool,
    /// A packet filter, which is forward error correction.
    pub(crate) filter: bool,
    /// A group of connections.
    pub(crate) group: bool,
}

impl<'a> Extensions<'a> {
    /// `None` when a block is longer than what is there, or a known one is malformed. Unknown ones are skipped.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut words = Words(bytes);
        let mut found = Self::default();
        while !words.0.is_empty() {
            let kind = words.u16()?;
            let length = usize::from(words.u16()?).checked_mul(4)?;
            let block = words.take(length)?;
            match kind {
                HS_REQUEST | HS_RESPONSE => found.agreement = Some(agreement(block)?),
                KM_REQUEST | KM_RESPONSE => found.key = Some(block),
                STREAM_ID => found.stream_id = Some(read_text(block)?),
                CONGESTION => found.foreign_congestion = read_text(block)? != "live",
                FILTER => found.filter = true,
                GROUP => found.group = true,
                _ => {}
            }
        }
        Some(found)
    }
}

fn agreement(block: &[u8]) -> Option<Agreement> {
    let mut words = Words(block);
    Some(Agreement {
        version: words.u32()?,
        flags: words.u32()?,
        receive_latency: words.u16()?,
        send_latency: words.u16()?,
    })
}

/// Texts travel with the bytes of each 32-bit word reversed, filled up with zeros.
fn read_text(block: &[u8]) -> Option<String> {
    if block.len() > MAX_STREAM_ID {
        return None;
    }
    let mut bytes: Vec<u8> = block.chunks(4).flat_map(|word| word.iter().rev().copied()).collect();
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    bytes.truncate(end);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A caller's blocks.
pub(crate) fn write_request(agreement: Agreement, key: &[u8], stream_id: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_agreement(&mut bytes, HS_REQUEST, agreement);
    write_block(&mut bytes, KM_REQUEST, key);
    if !stream_id.is_empty() {
        let mut padded = stream_id.as_bytes().to_vec();
        padded.resize(padded.len().next_multiple_of(4), 0);
        let text: Vec<u8> = padded.chunks(4).flat_map(|word| word.iter().rev().copied()).collect();
        write_block(&mut bytes, STREAM_ID, &text);
    }
    bytes
}

/// A listener's blocks.
pub(crate) fn write_response(agreement: Agreement, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_agreement(&mut bytes, HS_RESPONSE, agreement);
    write_block(&mut bytes, KM_RESPONSE, key);
    bytes
}

fn write_agreement(bytes: &mut Vec<u8>, kind: u16, agreement: Agreement) {
    let mut block = Vec::with_capacity(12);
    block.extend_from_slice(&agreement.version.to_be_bytes());
    block.extend_from_slice(&agreement.flags.to_be_bytes());
    block.extend_from_slice(&agreement.receive_latency.to_be_bytes());
    block.extend_from_slice(&agreement.send_latency.to_be_bytes());
    write_block(bytes, kind, &block);
}

fn write_block(bytes: &mut Vec<u8>, kind: u16, block: &[u8]) {
    bytes.extend_from_slice(&kind.to_be_bytes());
    let words = u16::try_from(block.len().div_ceil(4)).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&words.to_be_bytes());
    bytes.extend_from_slice(block);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_back_and_an_unknown_block_is_skipped() {
        let mut bytes = vec![0x12, 0x34, 0, 1, 9, 9, 9, 9];
        bytes.extend(write_request(Agreement::ours(20), &[7; 8], "#!::m=publish,r=한"));
        let found = Extensions::parse(&bytes).unwrap();
        assert_eq!(found.agreement, Some(Agreement::ours(20)));
        assert_eq!(found.key, Some(&[7; 8][..]));
        assert_eq!(found.stream_id.as_deref(), Some("#!::m=publish,r=한"));
        assert!(found.agreement.unwrap().is_ours() && !found.agreement.unwrap().is_stream());
    }

    #[test]
    fn a_block_that_is_cut_off_or_too_long_makes_the_whole_nothing() {
        assert_eq!(Extensions::parse(&[0, 1, 0, 3, 0, 0]), None);
        assert_eq!(Extensions::parse(&[0, 1, 0, 1, 0, 0, 0, 0]), None, "an agreement has three words");
        let mut long = vec![0, 5, 0, 129];
        long.extend([b'a'; 516]);
        assert_eq!(Extensions::parse(&long), None);
    }

    #[test]
    fn what_is_not_live_mode_is_named() {
        let file = [0, 6, 0, 1, b'e', b'l', b'i', b'f'];
        assert!(Extensions::parse(&file).unwrap().foreign_congestion);
        let live = [0, 6, 0, 1, b'e', b'v', b'i', b'l'];
        assert!(!Extensions::parse(&live).unwrap().foreign_congestion);
        assert!(Extensions::parse(&[0, 7, 0, 0]).unwrap().filter);
        assert!(Extensions::parse(&[0, 8, 0, 0]).unwrap().group);
    }
}
