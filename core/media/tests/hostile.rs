//! What a network, a broken encoder or an attacker can send: nothing panics, and nothing known to be damaged is
//! handed over as whole.

mod support;

use std::collections::HashSet;

use bytes::Bytes;
use proptest::prelude::*;
use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::h264::{self, Sps};
use returnfeed_media::rtp::packetize_h264;
use returnfeed_media::{DemuxEvent, Track, TsDemuxer, TsMuxer, Unit, opus};
use support::{BOTH, events_of, picture, proptest_config, sound, units_of};

/// A stream of two seconds as its messages, with the units that are in it. One keyframe outgrows a PES length.
fn stream() -> (Vec<Bytes>, HashSet<(Track, u64, Bytes)>) {
    let mut muxer = TsMuxer::new(BOTH);
    let (mut messages, mut units) = (Vec::new(), HashSet::new());
    for index in 0..120 {
        let size = if index == 60 { 70_000 } else { 300 + small(index * 37 % 3_000) };
        for unit in [picture(index, size, index % 60 == 0), sound(index, 80 + small(index % 40))] {
            messages.extend(muxer.write(&unit));
            units.insert(key(&unit));
        }
    }
    (messages, units)
}

fn small(number: u64) -> usize {
    usize::try_from(number).expect("a few thousand")
}

fn key(unit: &Unit) -> (Track, u64, Bytes) {
    (unit.track, unit.pts.0, unit.data.clone())
}

/// Everything comes out unharmed, or not at all.
fn assert_only_whole(events: Vec<DemuxEvent>, sent: &HashSet<(Track, u64, Bytes)>) -> usize {
    let units = units_of(events);
    for unit in &units {
        assert!(sent.contains(&key(unit)), "{unit:?} was never sent like this");
    }
    units.len()
}

proptest! {
    #![proptest_config(proptest_config(48))]

    #[test]
    fn lost_messages_cost_their_units_and_no_other(lost in prop::collection::hash_set(0usize..500, 1..40)) {
        let (messages, sent) = stream();
        let mut demuxer = TsDemuxer::new();
        let (mut events, mut gap) = (Vec::new(), false);
        for (index, message) in messages.iter().enumerate() {
            if lost.contains(&index) {
                gap = true;
                continue;
            }
            if std::mem::take(&mut gap) {
                demuxer.handle_loss();
            }
            events.extend(events_of(&mut demuxer, [message]));
        }
        // A message holds parts of at most two units; the table's first message may take a tenth of a second along.
        let whole = assert_only_whole(events, &sent);
        let affected = lost.iter().filter(|index| **index < messages.len()).count() * 2 + 14;
        prop_assert!(whole + affected >= sent.len(), "{whole} of {} with {} lost", sent.len(), lost.len());
    }

    #[test]
    fn lost_packets_are_noticed_by_their_counters(lost in prop::collection::btree_set(0usize..3_500, 1..60)) {
        let (messages, sent) = stream();
        // Fewer than 16 in a row: that many are not noticed by a counter of four bits, see `handle_loss`.
        let mut run = 0;
        let kept = messages.concat().chunks_exact(188).enumerate().filter(|(index, _)| {
            run = if lost.contains(index) { run + 1 } else { 0 };
            run == 0 || run > 15
        }).flat_map(|(_, packet)| packet.to_vec()).collect::<Vec<_>>();
        let events = events_of(&mut TsDemuxer::new(), kept.chunks(1_316));
        assert_only_whole(events, &sent);
    }

    #[test]
    fn packets_out_of_order_are_not_put_together(swaps in prop::collection::vec((0usize..3_000, 1usize..9), 1..30)) {
        let (messages, sent) = stream();
        let mut packets: Vec<_> = messages.concat().chunks_exact(188).map(<[u8]>::to_vec).collect();
        for (at, distance) in swaps {
            let at = at % (packets.len() - distance);
            packets.swap(at, at + distance);
        }
        let events = events_of(&mut TsDemuxer::new(), packets.concat().chunks(1_316));
        assert_only_whole(events, &sent);
    }

    #[test]
    fn packets_that_come_twice_change_nothing(twice in prop::collection::hash_set(0usize..1_500, 1..200)) {
        let (messages, sent) = stream();
        let packets: Vec<_> = messages.concat().chunks_exact(188).enumerate().flat_map(|(index, packet)| {
            packet.repeat(if twice.contains(&index) { 2 } else { 1 })
        }).collect();
        let events = events_of(&mut TsDemuxer::new(), packets.chunks(1_316));
        prop_assert_eq!(assert_only_whole(events, &sent), sent.len());
    }

    #[test]
    fn flipped_bits_never_panic_and_the_stream_comes_back(
        flips in prop::collection::vec((0usize..300_000, 0u32..8), 1..400),
    ) {
        let (messages, sent) = stream();
        let mut bytes = messages.concat();
        let size = bytes.len();
        flips.iter().for_each(|(at, bit)| bytes[at % size] ^= 1 << bit);
        let mut demuxer = TsDemuxer::new();
        events_of(&mut demuxer, bytes.chunks(1_316));
        let again = units_of(events_of(&mut demuxer, &messages));
        // Their times may have been moved by a flipped stamp; their bytes not.
        let contents: HashSet<_> = sent.iter().map(|(track, _, data)| (*track, data.clone())).collect();
        let whole = again.iter().filter(|unit| contents.contains(&(unit.track, unit.data.clone()))).count();
        prop_assert!(whole + 4 >= sent.len(), "{whole} of {}", sent.len());
    }

    #[test]
    fn any_messages_never_panic(
        messages in prop::collection::vec(prop::collection::vec(byte(), 0..1_500), 0..40),
    ) {
        events_of(&mut TsDemuxer::new(), messages);
    }

    #[test]
    fn any_packets_on_the_right_pids_never_panic(
        packets in prop::collection::vec((prop::sample::select(vec![0u16, 0x100, 0x101, 0x1000]), prop::collection::vec(byte(), 187)), 0..200),
    ) {
        let mut demuxer = TsDemuxer::new();
        events_of(&mut demuxer, stream().0.into_iter().take(3));
        for (pid, body) in packets {
            let mut packet = [&[0x47], body.as_slice()].concat();
            packet[1] = (packet[1] & 0xe0) | pid.to_be_bytes()[0];
            packet[2] = pid.to_be_bytes()[1];
            demuxer.handle_message(&packet);
            while demuxer.poll_event().is_some() {}
        }
    }

    #[test]
    fn any_bytes_never_panic_a_parser(bytes in prop::collection::vec(byte(), 0..600)) {
        let _ = Sps::parse(&bytes);
        let _ = Sps::parse(&[&[0x67, 100], bytes.as_slice()].concat());
        let _ = (h264::is_idr(&bytes), h264::find_sps(&bytes), h264::nals(&bytes).count());
        let _ = (capture_time::read(&bytes), opus::duration(&bytes), packetize_h264(&bytes, 100));
        let stamps = Stamps { captured_us: 0, encoder_in_us: 0, encoder_out_us: 0, sent_us: u64::MAX };
        prop_assert_eq!(capture_time::read(&capture_time::insert(&[&[0, 0, 1, 1], bytes.as_slice()].concat(), &stamps)), Some(stamps));
    }
}

/// The bytes that parsers turn on, more often than chance would bring them.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![4 => any::<u8>(), 2 => Just(0u8), 1 => Just(1), 1 => Just(3), 1 => Just(0x47), 1 => Just(0xff)]
}

#[test]
fn a_loss_that_counters_cannot_show_is_known_when_it_is_told() {
    let (mut muxer, sent) = (TsMuxer::new(BOTH), [picture(0, 184 * 34, true), picture(1, 184 * 34, false)]);
    let packets: Vec<u8> = sent.iter().flat_map(|unit| muxer.write(unit)).flatten().collect();
    let (head, rest) = packets.split_at(188 * 12);
    let tail = &rest[188 * 32..];
    let units = |told: bool| {
        let mut demuxer = TsDemuxer::new();
        let mut events = events_of(&mut demuxer, [head]);
        if told {
            demuxer.handle_loss();
        }
        events.extend(events_of(&mut demuxer, [tail]));
        units_of(events)
    };
    assert_eq!(units(true), []);
    assert_eq!(
        units(false).len(),
        1,
        "32 packets of one PID: two halves put together, which is why it must be told"
    );
}

#[test]
fn a_unit_without_end_is_dropped_at_the_limit_and_the_next_one_arrives() {
    let (mut muxer, mut demuxer) = (TsMuxer::new(BOTH), TsDemuxer::new());
    events_of(&mut demuxer, muxer.write(&picture(0, 100, true)));
    let endless = muxer.write(&picture(1, 3 * 1024 * 1024, false));
    let events = events_of(&mut demuxer, endless);
    assert!(
        matches!(events.as_slice(), [DemuxEvent::Discontinuity { track: Track::Video, .. }]),
        "{events:?}"
    );
    let after = picture(2, 500, true);
    assert_eq!(units_of(events_of(&mut demuxer, muxer.write(&after))), [after]);
}

#[test]
fn garbage_for_long_is_told_once_with_what_to_do() {
    let mut demuxer = TsDemuxer::new();
    let events = events_of(&mut demuxer, std::iter::repeat_n([0xabu8; 1_316], 100));
    let [DemuxEvent::Unusable(problem)] = events.as_slice() else { panic!("{events:?}") };
    assert!(problem.to_string().contains("set its format to MPEG-TS"), "{problem}");
}
