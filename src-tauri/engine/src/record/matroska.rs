//! Units of the high layer as a Matroska file (RFC 9559) that only grows. Pure.
//!
//! Refuses to hold a frame back: each unit is a block, written at once. Invariant: whatever is cut off at whatever byte,
//! what stands before it can be played; sizes, duration and index are filled in later, where room was left.

use returnfeed_media::{Track, Unit};

use super::ebml::{Element, UNKNOWN_SIZE, float, master, size8, uint};

/// A cluster is at most so long: its blocks count from its beginning in 16 bits of ms.
const CLUSTER_MS: u64 = 10_000;
/// Room for the table of contents.
const SEEK_ROOM: usize = 48;

const VIDEO: u8 = 1;
const AUDIO: u8 = 2;

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    /// At the end.
    Append(Vec<u8>),
    /// Over what stands there.
    Patch {
        /// Where.
        at: u64,
        /// What.
        bytes: Vec<u8>,
    },
}

/// What the pictures of one file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u64,
    pub(super) height: u64,
    /// Sequence parameter set, with its NAL header.
    pub(super) sps: Vec<u8>,
    /// Picture parameter set, with its NAL header.
    pub(super) pps: Vec<u8>,
}

/// A file being written.
#[derive(Debug)]
pub(super) struct Matroska {
    /// How long the file is.
    length: u64,
    /// Where the segment's content begins; positions in the index count from here.
    segment: u64,
    duration_at: u64,
    /// Presentation time of the first picture, 90 kHz.
    began: u64,
    cluster: Option<Cluster>,
    /// Start in ms and position of each cluster that begins with a keyframe.
    index: Vec<(u64, u64)>,
    last_ms: u64,
}

#[derive(Debug, Clone, Copy)]
struct Cluster {
    size_at: u64,
    began_ms: u64,
}

impl Matroska {
    /// A file whose first picture is of this time; and what it begins with.
    pub(super) fn begin(picture: &Picture, channels: u8, began: u64) -> (Self, Write) {
        let mut bytes = master(
            &[0x1a, 0x45, 0xdf, 0xa3],
            &[
                uint(&[0x42, 0x86], 1),
                uint(&[0x42, 0xf7], 1),
                uint(&[0x42, 0xf2], 4),
                uint(&[0x42, 0xf3], 8),
                Element::new(&[0x42, 0x82], b"matroska"),
                uint(&[0x42, 0x87], 4),
                uint(&[0x42, 0x85], 2),
            ],
        )
        .0;
        bytes.extend([0x18, 0x53, 0x80, 0x67]);
        bytes.extend(UNKNOWN_SIZE);
        let segment = bytes.len();
        bytes.extend(void(SEEK_ROOM));
        let info = info();
        // The duration is the last eight bytes of it.
        bytes.extend(info.0);
        let duration_at = bytes.len() - 8;
        bytes.extend(tracks(picture, channels).0);
        let file = Self {
            length: bytes.len() as u64,
            segment: segment as u64,
            duration_at: duration_at as u64,
            began,
            cluster: None,
            index: Vec::new(),
            last_ms: 0,
        };
        (file, Write::Append(bytes))
    }

    /// What a unit leads to. Sound from before the first picture is left out.
    pub(super) fn unit(&mut self, unit: &Unit) -> Vec<Write> {
        let Some(since) = unit.pts.0.checked_sub(self.began) else { return Vec::new() };
        let ms = since / 90;
        let mut writes = Vec::new();
        let keyframe = unit.track == Track::Video && unit.keyframe;
        let fits = self.cluster.is_some_and(|cluster| ms.abs_diff(cluster.began_ms) < CLUSTER_MS);
        if keyframe || !fits {
            self.close_cluster(&mut writes);
            self.open_cluster(ms, keyframe, &mut writes);
        }
        let Some(cluster) = self.cluster else { return writes };
        let relative = i16::try_from(ms.cast_signed() - cluster.began_ms.cast_signed()).unwrap_or(0);
        let (track, payload) = match unit.track {
            Track::Video => (VIDEO, length_prefixed(&unit.data)),
            Track::Audio => (AUDIO, unit.data.to_vec()),
        };
        let mut block = vec![0x80 | track];
        block.extend(relative.to_be_bytes());
        block.push(if keyframe || unit.track == Track::Audio { 0x80 } else { 0 });
        block.extend(payload);
        self.append(Element::new(&[0xa3], &block).0, &mut writes);
        self.last_ms = self.last_ms.max(ms);
        writes
    }

    /// What completes it: sizes, duration and index.
    pub(super) fn end(mut self) -> Vec<Write> {
        let mut writes = Vec::new();
        self.close_cluster(&mut writes);
        let cues_at = self.length - self.segment;
        let points: Vec<Element> = self.index.iter().map(|(ms, at)| cue(*ms, *at)).collect();
        self.append(master(&[0x1c, 0x53, 0xbb, 0x6b], &points).0, &mut writes);
        let seek = master(
            &[0x4d, 0xbb],
            &[Element::new(&[0x53, 0xab], &[0x1c, 0x53, 0xbb, 0x6b]), uint(&[0x53, 0xac], cues_at)],
        );
        let mut contents = master(&[0x11, 0x4d, 0x9b, 0x74], &[seek]).0;
        contents.extend(void(SEEK_ROOM - contents.len()));
        writes.push(Write::Patch { at: self.segment, bytes: contents });
        let size = size8(self.length - self.segment).to_vec();
        writes.push(Write::Patch { at: self.segment - 8, bytes: size });
        writes
    }

    fn open_cluster(&mut self, ms: u64, keyframe: bool, writes: &mut Vec<Write>) {
        if keyframe {
            self.index.push((ms, self.length - self.segment));
        }
        self.cluster = Some(Cluster { size_at: self.length + 4, began_ms: ms });
        let mut bytes = vec![0x1f, 0x43, 0xb6, 0x75];
        bytes.extend(UNKNOWN_SIZE);
        bytes.extend(uint(&[0xe7], ms).0);
        self.append(bytes, writes);
    }

    /// Says how long the cluster became, and how long all is so far.
    fn close_cluster(&mut self, writes: &mut Vec<Write>) {
        if let Some(cluster) = self.cluster.take() {
            let size = size8(self.length - cluster.size_at - 8).to_vec();
            writes.push(Write::Patch { at: cluster.size_at, bytes: size });
            let bytes = (self.last_ms as f64).to_be_bytes().to_vec();
            writes.push(Write::Patch { at: self.duration_at, bytes });
        }
    }

    fn append(&mut self, bytes: Vec<u8>, writes: &mut Vec<Write>) {
        self.length += bytes.len() as u64;
        writes.push(Write::Append(bytes));
    }
}

/// Ends with the duration, in ms.
fn info() -> Element {
    let software = concat!("ReturnFeed ", env!("CARGO_PKG_VERSION")).as_bytes();
    master(
        &[0x15, 0x49, 0xa9, 0x66],
        &[
            uint(&[0x2a, 0xd7, 0xb1], 1_000_000),
            Element::new(&[0x4d, 0x80], software),
            Element::new(&[0x57, 0x41], software),
            float(&[0x44, 0x89], 0.0),
        ],
    )
}

fn tracks(picture: &Picture, channels: u8) -> Element {
    let track = |number: u8, kind: u64, codec: &str, private: &[u8], rest: Vec<Element>| {
        let mut parts = vec![
            uint(&[0xd7], number.into()),
            uint(&[0x73, 0xc5], number.into()),
            uint(&[0x83], kind),
            uint(&[0x9c], 0),
            Element::new(&[0x86], codec.as_bytes()),
            Element::new(&[0x63, 0xa2], private),
        ];
        parts.extend(rest);
        master(&[0xae], &parts)
    };
    let size = master(&[0xe0], &[uint(&[0xb0], picture.width), uint(&[0xba], picture.height)]);
    let sound = master(&[0xe1], &[float(&[0xb5], 48_000.0), uint(&[0x9f], channels.into())]);
    // Opus needs 80 ms before what is sought (RFC 7845 4.6).
    let preroll = uint(&[0x56, 0xbb], 80_000_000);
    master(
        &[0x16, 0x54, 0xae, 0x6b],
        &[
            track(VIDEO, 1, "V_MPEG4/ISO/AVC", &avc_config(picture), vec![size]),
            track(AUDIO, 2, "A_OPUS", &opus_head(channels), vec![sound, preroll]),
        ],
    )
}

/// ISO/IEC 14496-15 5.3.3.1: lengths of four bytes, one set of each kind.
fn avc_config(picture: &Picture) -> Vec<u8> {
    let Picture { sps, pps, .. } = picture;
    let mut bytes = vec![1];
    bytes.extend(sps.get(1..4).unwrap_or(&[0; 3]));
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(sps.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(sps);
    bytes.push(1);
    bytes.extend(u16::try_from(pps.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(pps);
    bytes
}

/// RFC 7845 5.1; nothing is skipped: the packets' times are those of their sound.
fn opus_head(channels: u8) -> Vec<u8> {
    let mut bytes = b"OpusHead\x01".to_vec();
    bytes.push(channels);
    bytes.extend([0, 0]);
    bytes.extend(48_000u32.to_le_bytes());
    bytes.extend([0, 0, 0]);
    bytes
}

fn cue(ms: u64, at: u64) -> Element {
    let positions = master(&[0xb7], &[uint(&[0xf7], VIDEO.into()), uint(&[0xf1], at)]);
    master(&[0xbb], &[uint(&[0xb3], ms), positions])
}

/// Nothing, of this many bytes; at least two.
fn void(bytes: usize) -> Vec<u8> {
    let mut void = vec![0; bytes];
    if let [id, size, ..] = void.as_mut_slice() {
        *id = 0xec;
        *size = 0x80 | u8::try_from(bytes.saturating_sub(2)).unwrap_or(0);
    }
    void
}

/// What a decoder needs of an access unit once it has the parameter sets: each NAL unit after its length.
fn length_prefixed(annexb: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(annexb.len() + 16);
    for nal in nal_units(annexb) {
        // Parameter sets stand in the header, delimiters nowhere.
        if !matches!(nal.first().map(|header| header & 0x1f), Some(7..=9) | None) {
            bytes.extend(u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(nal);
        }
    }
    bytes
}

/// NAL units of a byte stream (H.264 annex B), without start codes.
pub(super) fn nal_units(annexb: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(found) =
        annexb.get(at..).and_then(|rest| rest.windows(3).position(|three| three == [0, 0, 1]))
    {
        at += found + 3;
        starts.push(at);
    }
    let ends: Vec<usize> =
        starts.iter().skip(1).map(|start| start - 3).chain(std::iter::once(annexb.len())).collect();
    starts.into_iter().zip(ends).filter_map(|(start, end)| {
        let nal = annexb.get(start..end)?;
        // Zeros before the next start code are none of its bytes.
        let length = nal.iter().rposition(|byte| *byte != 0)? + 1;
        nal.get(..length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_sets_and_delimiters_are_left_out_and_lengths_stand_before_the_rest() {
        let unit = [0, 0, 0, 1, 9, 16, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 7, 8, 9, 0];
        assert_eq!(length_prefixed(&unit), [0, 0, 0, 4, 0x65, 7, 8, 9]);
        assert_eq!(nal_units(&unit).count(), 4);
        assert!(length_prefixed(&[]).is_empty());
    }

    #[test]
    fn room_is_filled_to_the_byte() {
        assert_eq!(void(48).len(), 48);
        assert_eq!(void(48)[..2], [0xec, 0x80 | 46]);
    }
}
