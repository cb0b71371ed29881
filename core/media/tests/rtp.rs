//! RTP payloads, taken apart again by a depacketiser written from RFC 6184 alone.

mod support;

use proptest::prelude::*;
use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::h264::{NalType, nals};
use returnfeed_media::rtp::{Payload, packetize_h264, packetize_opus};
use support::proptest_config;

/// RFC 6184 5.6 to 5.8: NAL units out of payloads.
fn depacketize(payloads: &[Payload]) -> Vec<Vec<u8>> {
    let (mut units, mut open) = (Vec::new(), None::<Vec<u8>>);
    for payload in payloads {
        let data = &payload.data;
        match data[0] & 0x1f {
            24 => {
                let mut rest = &data[1..];
                while let [high, low, tail @ ..] = rest {
                    let (unit, behind) = tail.split_at(usize::from(u16::from_be_bytes([*high, *low])));
                    units.push(unit.to_vec());
                    rest = behind;
                }
            }
            28 => {
                let (start, end) = (data[1] & 0x80 != 0, data[1] & 0x40 != 0);
                assert!(!(start && end), "a fragment that is whole is forbidden (5.8)");
                assert_eq!(start, open.is_none());
                let unit = open.get_or_insert_with(|| vec![(data[0] & 0xe0) | (data[1] & 0x1f)]);
                unit.extend_from_slice(&data[2..]);
                if end {
                    units.extend(open.take());
                }
            }
            1..=23 => units.push(data.to_vec()),
            other => panic!("payload of type {other}"),
        }
    }
    assert!(open.is_none(), "a unit without its last fragment");
    units
}

fn annexb(units: &[Vec<u8>]) -> Vec<u8> {
    units.iter().flat_map(|unit| [&[0, 0, 0, 1], unit.as_slice()].concat()).collect()
}

fn unit() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop::sample::select(vec![1u8, 5, 6, 7, 8, 9, 12]);
    let size = prop_oneof![4 => 1usize..60, 3 => 60usize..1_400, 1 => 1_400usize..9_000];
    (kind, 0u8..4, size).prop_map(|(kind, importance, size)| {
        let mut unit = vec![(importance << 5) | kind];
        unit.extend((0..size).map(|at| u8::try_from(at % 251).unwrap_or(0) | 4));
        unit
    })
}

proptest! {
    #![proptest_config(proptest_config(256))]

    #[test]
    fn a_receiver_gets_every_unit_but_delimiters_and_filler(
        units in prop::collection::vec(unit(), 0..12),
        limit in 16usize..1_500,
    ) {
        let payloads = packetize_h264(&annexb(&units), limit);
        let wanted: Vec<_> =
            units.into_iter().filter(|unit| !matches!(unit[0] & 0x1f, 9 | 12)).collect();
        prop_assert_eq!(depacketize(&payloads), wanted);
        prop_assert!(payloads.iter().all(|payload| payload.data.len() <= limit));
        let markers: Vec<_> = payloads.iter().map(|payload| payload.marker).collect();
        prop_assert_eq!(markers.iter().filter(|marker| **marker).count(), usize::from(!payloads.is_empty()));
        prop_assert_eq!(markers.last().copied().unwrap_or(true), true);
    }

    #[test]
    fn any_bytes_and_any_limit_give_payloads_within_it(
        bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..3_000),
        limit in 0usize..2_000,
    ) {
        let payloads = packetize_h264(&bytes, limit);
        prop_assert!(payloads.iter().all(|payload| payload.data.len() <= limit.max(16)));
    }
}

#[test]
fn parameter_sets_and_a_small_picture_cost_one_packet() {
    let units = [vec![0x67, 66, 0xc0, 30], vec![0x68, 0xce], vec![0x65; 400]];
    let payloads = packetize_h264(&annexb(&units), 1_180);
    assert_eq!(payloads.len(), 1);
    assert_eq!(payloads[0].data[0], 0x60 | 24, "STAP-A with the highest importance of its units");
}

#[test]
fn fragments_are_of_one_size() {
    let payloads = packetize_h264(&annexb(&[vec![0x65; 2_400]]), 1_180);
    let sizes: Vec<_> = payloads.iter().map(|payload| payload.data.len()).collect();
    assert_eq!(sizes, [802, 802, 801]);
}

#[test]
fn our_stamp_reaches_no_viewer() {
    let plain = annexb(&[vec![0x09, 0xf0], vec![0x67, 66, 0xc0, 30], vec![0x65; 300]]);
    let stamps = Stamps { captured_us: 1, encoder_in_us: 2, encoder_out_us: 3, sent_us: 4 };
    let stamped = capture_time::insert(&plain, &stamps);
    assert!(nals(&stamped).any(|nal| nal.kind() == NalType::Sei));
    assert_eq!(packetize_h264(&stamped, 1_180), packetize_h264(&plain, 1_180));
}

#[test]
fn a_packet_of_sound_is_its_own_payload() {
    let payload = packetize_opus(&[0xf8, 0xff, 0xfe]);
    assert_eq!((&payload.data[..], payload.marker), (&[0xf8, 0xff, 0xfe][..], false));
}
