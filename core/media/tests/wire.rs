//! What the muxer puts on the wire, read bit by bit from ISO/IEC 13818-1 and not by our own demuxer.

mod support;

use returnfeed_media::{AudioConfig, MuxConfig, TsMuxer, Unit};
use returnfeed_protocol::MediaTime;
use support::{BOTH, picture, sound};

const TICK: u64 = 90;

/// One packet, as far as these tests ask.
#[derive(Debug)]
struct Packet {
    pid: u16,
    starts: bool,
    counter: u8,
    has_payload: bool,
    discontinuity: bool,
    random_access: bool,
    pcr: Option<u64>,
}

fn packets_of(muxer: &mut TsMuxer, unit: &Unit) -> Vec<Packet> {
    let bytes = muxer.write(unit).concat();
    bytes.chunks_exact(188).map(parse).collect()
}

fn parse(packet: &[u8]) -> Packet {
    assert_eq!(packet[0], 0x47);
    let has_field = packet[3] & 0x20 != 0;
    let flags = if has_field && packet[4] > 0 { packet[5] } else { 0 };
    let field: [u8; 8] = packet[4..12].try_into().expect("eight bytes");
    let base = (u64::from_be_bytes(field) & 0xffff_ffff_ffff) >> 15;
    Packet {
        pid: u16::from_be_bytes([packet[1] & 0x1f, packet[2]]),
        starts: packet[1] & 0x40 != 0,
        counter: packet[3] & 0x0f,
        has_payload: packet[3] & 0x10 != 0,
        discontinuity: flags & 0x80 != 0,
        random_access: flags & 0x40 != 0,
        pcr: (flags & 0x10 != 0).then_some(base),
    }
}

fn at(mut unit: Unit, ms: u64) -> Unit {
    unit.pts = MediaTime(ms * TICK);
    unit
}

/// The clock's values of a run, with where each was announced as new.
fn clocks(packets: &[Packet]) -> Vec<(u64, bool)> {
    packets.iter().filter_map(|packet| Some((packet.pcr?, packet.discontinuity))).collect()
}

#[test]
fn counters_follow_each_other_and_a_packet_without_payload_repeats_the_last() {
    let mut muxer = TsMuxer::new(BOTH);
    let mut last = std::collections::HashMap::new();
    for index in 0..400 {
        // Pictures stop in the middle, so that the clock goes on alone.
        let unit = if index % 2 == 0 && !(100..300).contains(&index) {
            at(picture(index, 3_000, index == 0), index * 10)
        } else {
            at(sound(index, 90), index * 10)
        };
        for packet in packets_of(&mut muxer, &unit) {
            let before = last.insert(packet.pid, packet.counter);
            let wanted = before.map(|before| if packet.has_payload { (before + 1) % 16 } else { before });
            assert_eq!(packet.counter, wanted.unwrap_or(packet.counter), "{packet:?}");
        }
    }
}

#[test]
fn the_clock_comes_with_each_picture_and_runs_before_it() {
    let mut muxer = TsMuxer::new(BOTH);
    for index in 10..100 {
        let unit = picture(index, 2_000, false);
        let packets = packets_of(&mut muxer, &unit);
        let [(pcr, false)] = clocks(&packets)[..] else { panic!("{packets:?}") };
        assert_eq!(unit.pts.0 - pcr, 40 * TICK);
        assert!(packets.iter().all(|packet| packet.pcr.is_none() || (packet.pid == 0x100 && packet.starts)));
    }
}

#[test]
fn the_clock_goes_on_while_pictures_pause() {
    let mut muxer = TsMuxer::new(BOTH);
    let mut seen = clocks(&packets_of(&mut muxer, &at(picture(0, 100, true), 1_000)));
    for ms in (1_000..4_000).step_by(20) {
        seen.extend(clocks(&packets_of(&mut muxer, &at(sound(ms, 90), ms))));
    }
    assert!(seen.len() >= 25, "{}", seen.len());
    assert!(
        seen.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[1].0 - pair[0].0 <= 120 * TICK),
        "{seen:?}"
    );
}

#[test]
fn the_clock_steps_back_only_with_an_announcement() {
    let mut muxer = TsMuxer::new(BOTH);
    let mut run = |times: &[u64]| -> Vec<_> {
        times
            .iter()
            .flat_map(|ms| clocks(&packets_of(&mut muxer, &at(picture(*ms, 50, false), *ms))))
            .collect()
    };
    let ms = |ms: u64| ms * TICK;
    assert_eq!(
        run(&[10_000, 9_990, 9_995, 10_020]),
        [(ms(9_960), false), (ms(9_980), false)],
        "a small step back"
    );
    assert_eq!(run(&[500, 520]), [(ms(460), true), (ms(480), false)], "a new clock");
}

#[test]
fn sound_alone_carries_the_clock_itself() {
    let mut muxer = TsMuxer::new(MuxConfig { video: false, audio: Some(AudioConfig { channels: 1 }) });
    for index in 10..60 {
        let packets = packets_of(&mut muxer, &sound(index, 90));
        assert_eq!(clocks(&packets).len(), 1);
        assert!(packets.iter().all(|packet| packet.pcr.is_none() || packet.pid == 0x101));
    }
}

#[test]
fn only_a_keyframe_is_marked_as_a_point_of_entry_and_brings_the_tables() {
    let mut muxer = TsMuxer::new(BOTH);
    packets_of(&mut muxer, &at(picture(0, 100, false), 0));
    for (index, keyframe) in [(1, true), (2, false), (3, true), (4, false)] {
        let packets = packets_of(&mut muxer, &at(picture(index, 500, keyframe), index));
        assert_eq!(packets.iter().any(|packet| packet.random_access), keyframe, "{index}");
        assert_eq!(
            packets.iter().filter(|packet| matches!(packet.pid, 0 | 0x1000)).count() == 2,
            keyframe,
            "{index}"
        );
    }
}

#[test]
fn tables_come_each_tenth_of_a_second() {
    let mut muxer = TsMuxer::new(BOTH);
    let with_tables: Vec<u64> = (0..1_000)
        .step_by(20)
        .filter(|ms| packets_of(&mut muxer, &at(sound(*ms, 90), *ms)).iter().any(|packet| packet.pid == 0))
        .collect();
    assert_eq!(with_tables, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
}

#[test]
fn the_end_of_time_does_not_panic() {
    let mut muxer = TsMuxer::new(BOTH);
    for time in [u64::MAX, 0, u64::MAX - 1, 1 << 33, u64::MAX] {
        for mut unit in [picture(1, 100, true), sound(1, 90)] {
            unit.pts = MediaTime(time);
            assert!(!muxer.write(&unit).is_empty());
        }
    }
}
