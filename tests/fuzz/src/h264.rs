//! H.264, the capture-time SEI, Opus and RTP payloads, from one access unit of any bytes.

use bytes::Bytes;
use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::h264::{self, NalType, Sps};
use returnfeed_media::{opus, rtp};

use crate::Script;

pub(crate) fn run(data: &[u8]) {
    let mut script = Script::new(data);
    let max_payload = 16 + usize::from(script.u16() % 1_400);
    let unit = Bytes::copy_from_slice(script.rest());
    walk(&unit);
    if let Ok(sps) = Sps::parse(&unit) {
        assert_eq!(sps.profile_level_id().len(), 6);
        assert!(sps.chroma_format < 4 && sps.bit_depth >= 8);
        assert!(sps.frame_rate.is_none_or(|(_, per)| per > 0));
    }
    stamp(&unit);
    packetize(&unit, max_payload);
    assert!(opus::duration(&unit).is_none_or(|ticks| (1..=10_800).contains(&ticks)));
}

/// The NAL units stand one behind the other, none is empty, and none holds a start code.
fn walk(unit: &Bytes) {
    let mut end = 0;
    for nal in h264::nals(unit) {
        assert_eq!(nal.span().start, end, "the spans touch");
        end = nal.span().end;
        assert!(!nal.bytes().is_empty() && nal.bytes().last() != Some(&0));
        assert!(!nal.bytes().windows(3).any(|window| window == [0, 0, 1]));
    }
    assert!(end <= unit.len());
    if h264::is_idr(unit) {
        assert!(h264::nals(unit).any(|nal| nal.kind() == NalType::Idr));
    }
    let stripped = h264::strip_for_rtp(unit);
    assert!(stripped.len() <= unit.len());
    assert_eq!(h264::strip_for_rtp(&stripped), stripped, "stripping twice is stripping once");
}

/// What is stamped is read, and nothing else of the unit changes.
fn stamp(unit: &Bytes) {
    let stamps = Stamps { captured_us: 1, encoder_in_us: 0x0001_0000, encoder_out_us: 3, sent_us: u64::MAX };
    let before = capture_time::read(unit);
    let stamped = capture_time::insert(unit, &stamps);
    let contents = |unit: &[u8]| h264::nals(unit).map(|nal| nal.bytes().to_vec()).collect::<Vec<_>>();
    let (plain, mut after) = (contents(unit), contents(&stamped));
    assert_eq!(after.len(), plain.len() + 1);
    let at = after.iter().zip(&plain).position(|(new, old)| new != old).unwrap_or(plain.len());
    after.remove(at);
    assert_eq!(after, plain);
    assert_eq!(capture_time::read(&stamped), before.or(Some(stamps)));
}

/// Every payload fits, only the last one has the marker, and a receiver puts the same NAL units together again.
fn packetize(unit: &Bytes, max_payload: usize) {
    let payloads = rtp::packetize_h264(unit, max_payload);
    for (index, payload) in payloads.iter().enumerate() {
        assert!(!payload.data.is_empty() && payload.data.len() <= max_payload);
        assert_eq!(payload.marker, index + 1 == payloads.len());
    }
    let sent: Vec<_> = h264::nals(&h264::strip_for_rtp(unit)).map(|nal| nal.bytes().to_vec()).collect();
    let payloads: Vec<_> = payloads.iter().map(|payload| &payload.data[..]).collect();
    assert_eq!(depacketize(&payloads), sent);
}

/// RFC 6184 5.6 to 5.8, read from the receiver's side.
fn depacketize(payloads: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut nals: Vec<Vec<u8>> = Vec::new();
    for payload in payloads {
        match (payload[0] & 0x1f, *payload) {
            (24, [_, rest @ ..]) => {
                let mut rest = rest;
                while let [high, low, behind @ ..] = rest {
                    let (nal, next) = behind.split_at(usize::from(u16::from_be_bytes([*high, *low])));
                    nals.push(nal.to_vec());
                    rest = next;
                }
            }
            (28, [indicator, head, piece @ ..]) => {
                if head & 0x80 != 0 {
                    nals.push(vec![indicator & 0xe0 | head & 0x1f]);
                }
                nals.last_mut().expect("a fragment has a first one").extend(piece);
            }
            (_, single) => nals.push(single.to_vec()),
        }
    }
    nals
}
