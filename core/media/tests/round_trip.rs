//! Our muxer into our demuxer: every unit whole, at once, in order.

mod support;

use bytes::Bytes;
use proptest::prelude::*;
use returnfeed_media::{
    AudioConfig, AudioFormat, DemuxEvent, MAX_MESSAGE, MuxConfig, Track, TsDemuxer, TsMuxer, Unit,
    VideoFormat,
};
use returnfeed_protocol::MediaTime;
use support::{BOTH, events_of, picture, sound, units_of};

/// Sizes around every border: one packet, one message, the 16 bits of a PES length, and beyond.
fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![
        6 => 1usize..2_500,
        2 => 2_500usize..20_000,
        1 => 65_000usize..66_000,
        1 => 66_000usize..140_000,
    ]
}

fn unit() -> impl Strategy<Value = (bool, usize, bool)> {
    (proptest::bool::weighted(0.6), sizes(), proptest::bool::weighted(0.1))
}

fn config() -> ProptestConfig {
    support::proptest_config(64)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn each_unit_arrives_whole_with_its_own_messages(
        plan in prop::collection::vec(unit(), 1..20),
        start in prop_oneof![Just(0u64), Just((1 << 33) - 20_000), 0u64..1 << 33],
    ) {
        let (mut muxer, mut demuxer) = (TsMuxer::new(BOTH), TsDemuxer::near(MediaTime(start)));
        for (index, (video, size, keyframe)) in (0u64..).zip(plan) {
            let mut unit = if video { picture(index, size, keyframe) } else { sound(index, size % 1_275) };
            unit.pts = MediaTime(start + index * 1_500);
            let messages = muxer.write(&unit);
            for (position, message) in messages.iter().enumerate() {
                prop_assert_eq!(message.len() % 188, 0);
                prop_assert!(message.len() == MAX_MESSAGE || position + 1 == messages.len());
            }
            let events = events_of(&mut demuxer, &messages);
            let gaps = events.iter().filter(|event| matches!(event, DemuxEvent::Discontinuity { .. })).count();
            prop_assert_eq!(gaps, 0);
            prop_assert_eq!(units_of(events), vec![unit]);
        }
    }
}

#[test]
fn no_size_near_a_border_makes_a_unit_wait() {
    let (mut muxer, mut demuxer) = (TsMuxer::new(BOTH), TsDemuxer::new());
    let sizes = (1..1_500).chain(65_300..65_900);
    for (index, size) in (0u64..).zip(sizes) {
        let unit = picture(index, size, index % 50 == 0);
        let messages = muxer.write(&unit);
        assert_eq!(units_of(events_of(&mut demuxer, messages)), [unit], "{size}");
    }
}

#[test]
fn the_format_is_told_before_the_first_unit() {
    let (mut muxer, mut demuxer) = (TsMuxer::new(BOTH), TsDemuxer::new());
    let events = events_of(&mut demuxer, muxer.write(&picture(0, 100, true)));
    let format = DemuxEvent::Format {
        video: Some(VideoFormat { sps: None }),
        audio: Some(AudioFormat { channels: 2 }),
    };
    assert_eq!(events.first(), Some(&format));
    assert_eq!(events.len(), 2);
}

#[test]
fn a_picture_without_a_delimiter_gets_one() {
    let bare = Bytes::from_static(&[0, 0, 1, 0x65, 0x88, 0x84]);
    let unit = Unit { track: Track::Video, pts: MediaTime(5), data: bare.clone(), keyframe: true };
    let messages = TsMuxer::new(BOTH).write(&unit);
    let units = units_of(events_of(&mut TsDemuxer::new(), messages));
    assert_eq!(units[0].data, [&[0, 0, 0, 1, 0x09, 0xf0][..], &bare].concat());
}

#[test]
fn sound_alone_is_a_stream_too() {
    let config = MuxConfig { video: false, audio: Some(AudioConfig { channels: 1 }) };
    let (mut muxer, mut demuxer) = (TsMuxer::new(config), TsDemuxer::new());
    for index in 0..100 {
        let unit = sound(index, 90);
        let events = events_of(&mut demuxer, muxer.write(&unit));
        assert_eq!(units_of(events), [unit]);
    }
    assert!(muxer.write(&picture(101, 10, true)).is_empty(), "a track that is not in the tables");
}

#[test]
fn who_joins_late_gets_tables_within_a_tenth_of_a_second() {
    let mut muxer = TsMuxer::new(BOTH);
    for index in 0..600 {
        muxer.write(&picture(index, 2_000, index == 0));
    }
    let mut late = TsDemuxer::new();
    let units: Vec<_> = (600..620)
        .flat_map(|index| units_of(events_of(&mut late, muxer.write(&picture(index, 2_000, false)))))
        .collect();
    assert!(units.len() >= 20 - 6, "{} of 20", units.len());
}

#[test]
fn the_timeline_goes_on_over_the_wrap_of_33_bits() {
    let (mut muxer, mut demuxer) = (TsMuxer::new(BOTH), TsDemuxer::new());
    let start = (1u64 << 33) - 5 * 1_500;
    for index in 0..10 {
        let mut unit = picture(index, 300, false);
        unit.pts = MediaTime(start + index * 1_500);
        let units = units_of(events_of(&mut demuxer, muxer.write(&unit)));
        assert_eq!(units[0].pts, unit.pts);
    }
}
