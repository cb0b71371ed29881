//! A viewer of a publisher that does anything: whatever happens, the stream that comes out is one stream.

#![expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]

use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, MediaTime};
use returnfeed_simulcast::{Offered, VideoStream};

/// splitmix64: a run is one seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// What a decoder has of a layer: whether each unit's references reached it.
#[derive(Default, Clone, Copy)]
struct Decoder {
    intact: Option<Layer>,
}

#[test]
fn whatever_the_publisher_does_the_viewer_sees_one_stream() {
    let runs = std::env::var("RETURNFEED_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    for seed in 0..runs {
        run(seed);
    }
}

fn run(seed: u64) {
    let mut dice = Dice(seed);
    let begin = Instant::now();
    let mut stream = VideoStream::new(Layer::High, dice.roll(65_536) as u16, dice.roll(1 << 32) as u32);
    let mut pts_base = dice.roll(1 << 33);
    let mut next_seq = None;
    let mut last_timestamp: Option<u32> = None;
    let mut decoder = Decoder::default();
    let (mut sent, mut skipped_at_gap) = (0, false);
    let mut now = begin;

    for frame in 0..2_000_u64 {
        now += Duration::from_micros(16_667);
        match dice.roll(300) {
            0 => stream.select(Layer::ALL[dice.roll(2) as usize]),
            // The publisher starts over with another timeline.
            1 => pts_base = dice.roll(1 << 33),
            2 => stream.leave_for(Layer::ALL[dice.roll(2) as usize]),
            _ => {}
        }
        for layer in Layer::ALL {
            if layer == Layer::Low && frame % 2 == 1 {
                continue;
            }
            let unit = Offered {
                layer,
                keyframe: dice.roll(40) == 0,
                pts: MediaTime(pts_base + frame * 1_500 + dice.roll(30)),
                at: now,
                packets: 1 + dice.roll(5) as u32,
                after_gap: dice.roll(100) == 0,
            };
            if unit.after_gap && decoder.intact == Some(layer) && !unit.keyframe {
                decoder.intact = None;
                skipped_at_gap = true;
            }
            let Some(out) = stream.offer(&unit, true) else { continue };
            sent += 1;

            let expected = *next_seq.get_or_insert(out.first_seq);
            assert!(
                sent > 1 || out.first_seq < 65_536,
                "seed {seed}: the first number needs a rollover count"
            );
            assert_eq!(out.first_seq, expected, "seed {seed} frame {frame}: a hole in the sequence");
            next_seq = Some(expected + u64::from(unit.packets));

            if let Some(last) = last_timestamp {
                let step = out.timestamp.wrapping_sub(last);
                assert!(step > 0 && step < 90_000 * 20, "seed {seed} frame {frame}: a step of {step} ticks");
            }
            last_timestamp = Some(out.timestamp);

            if let Some(switch) = out.switched {
                assert!(unit.keyframe, "seed {seed} frame {frame}: a switch within a group");
                assert_eq!(switch.to, stream.target(), "seed {seed} frame {frame}");
            }
            if unit.keyframe {
                decoder.intact = Some(layer);
            }
            assert_eq!(decoder.intact, Some(layer), "seed {seed} frame {frame}: sent what cannot be decoded");
        }
    }
    assert!(sent > 200, "seed {seed}: only {sent} units went out");
    assert!(skipped_at_gap, "seed {seed} had no gap");
}

#[test]
fn without_keyframes_on_request_a_gap_does_not_stop_the_picture() {
    let begin = Instant::now();
    let mut stream = VideoStream::new(Layer::High, 7, 7);
    let unit = |n: u64, keyframe, after_gap| Offered {
        layer: Layer::High,
        keyframe,
        pts: MediaTime(n * 1_500),
        at: begin + Duration::from_micros(n * 16_667),
        packets: 2,
        after_gap,
    };
    assert!(stream.offer(&unit(0, true, false), false).is_some());
    assert!(stream.offer(&unit(5, false, true), false).is_some());
    assert_eq!(stream.waits_for(), None);
    assert!(stream.offer(&unit(9, false, true), true).is_none());
    assert_eq!(stream.waits_for(), Some(Layer::High));
}

#[test]
fn a_primed_joiner_waits_for_the_fresh_keyframe() {
    let begin = Instant::now();
    let mut stream = VideoStream::new(Layer::Low, 0, 0);
    let unit = |n: u64, keyframe| Offered {
        layer: Layer::Low,
        keyframe,
        pts: MediaTime(n * 3_000),
        at: begin + Duration::from_micros(n * 33_333),
        packets: 1,
        after_gap: false,
    };
    assert_eq!(stream.waits_for(), Some(Layer::Low));
    assert!(stream.offer(&unit(0, true), true).is_some());
    stream.hold();
    assert_eq!(stream.waits_for(), Some(Layer::Low));
    assert!(stream.offer(&unit(30, false), true).is_none());
    let fresh = stream.offer(&unit(31, true), true).unwrap();
    assert_eq!((fresh.first_seq, fresh.timestamp, fresh.switched), (1, 93_000, None));
    assert_eq!(stream.waits_for(), None);
}

#[test]
fn a_layer_that_was_left_sends_nothing_more_until_the_other_one_begins() {
    let begin = Instant::now();
    let mut stream = VideoStream::new(Layer::High, 0, 0);
    let unit = |n: u64, layer, keyframe| Offered {
        layer,
        keyframe,
        pts: MediaTime(n * 3_000),
        at: begin + Duration::from_micros(n * 33_333),
        packets: 1,
        after_gap: false,
    };
    assert!(stream.offer(&unit(0, Layer::High, true), true).is_some());
    stream.leave_for(Layer::Low);
    assert_eq!(stream.waits_for(), Some(Layer::Low));
    assert!(stream.offer(&unit(1, Layer::High, false), true).is_none());
    assert!(stream.offer(&unit(2, Layer::High, true), true).is_none(), "a keyframe of it is no reason");
    assert!(stream.offer(&unit(2, Layer::Low, false), true).is_none());
    let low = stream.offer(&unit(3, Layer::Low, true), true).unwrap();
    assert_eq!((low.first_seq, low.timestamp), (1, 9_000));
    assert_eq!(low.switched.map(|switch| (switch.from, switch.to)), Some((Some(Layer::High), Layer::Low)));

    // Back before the other one began: the present layer goes on at its next keyframe.
    stream.leave_for(Layer::High);
    assert!(stream.offer(&unit(4, Layer::Low, false), true).is_none());
    stream.select(Layer::Low);
    assert_eq!(stream.waits_for(), Some(Layer::Low));
    assert!(stream.offer(&unit(5, Layer::Low, false), true).is_none(), "it refers to what was not sent");
    assert!(stream.offer(&unit(6, Layer::Low, true), true).is_some());
}
