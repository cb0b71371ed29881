//! What the two layers promise of every picture.

use gst::prelude::*;
use returnfeed_media::h264::{self, NalType};

use crate::rig::{Coded, Rig, pull, pull_all, times, video_caps};

const ENCODERS: [&str; 2] = ["x264enc", "openh264enc"];

fn times_of(units: &[Coded]) -> Vec<u64> {
    units.iter().map(|unit| unit.pts).collect()
}

fn key_times(units: &[Coded]) -> Vec<u64> {
    units.iter().filter(|unit| h264::is_idr(&unit.data)).map(|unit| unit.pts).collect()
}

#[test]
fn each_picture_comes_out_before_the_next_goes_in_with_its_own_time() {
    for encoder in ENCODERS {
        let rig = Rig::play(&[("encoder", encoder)], None);
        assert_eq!(rig.enc.property::<String>("chosen-encoder"), encoder);
        for pts in times(5_000_000_000, 30, 40) {
            rig.push(pts);
            let (high, low) = (pull(&rig.high), pull(&rig.low));
            assert_eq!((high.pts, high.dts, low.pts, low.dts), (pts, pts, pts, pts), "{encoder}");
        }
    }
}

#[test]
fn low_takes_every_second_of_sixty_and_all_of_twenty_five() {
    let rig = Rig::play(&[], None);
    let fast: Vec<u64> = times(0, 60, 120).collect();
    let slow: Vec<u64> = times(2_000_000_000, 25, 50).collect();
    fast.iter().chain(&slow).for_each(|pts| rig.push(*pts));
    rig.end();
    let expected: Vec<u64> = fast.iter().step_by(2).chain(&slow).copied().collect();
    assert_eq!(times_of(&pull_all(&rig.low)), expected);
    assert_eq!(times_of(&pull_all(&rig.high)).len(), fast.len() + slow.len());
}

#[test]
fn an_asked_key_frame_comes_with_the_next_picture_and_in_that_layer_only() {
    for encoder in ENCODERS {
        for asked_high in [true, false] {
            let rig = Rig::play(&[("encoder", encoder)], None);
            for (index, pts) in times(0, 30, 30).enumerate() {
                if index == 10 {
                    rig.ask_key_frame(if asked_high { &rig.high } else { &rig.low });
                }
                rig.push(pts);
                let (high, low) = (h264::is_idr(&pull(&rig.high).data), h264::is_idr(&pull(&rig.low).data));
                let expected =
                    (index == 0 || index == 10 && asked_high, index == 0 || index == 10 && !asked_high);
                assert_eq!((high, low), expected, "{encoder}: picture {index}, high asked: {asked_high}");
            }
        }
    }
}

#[test]
fn key_frames_come_each_two_seconds_by_time_whatever_the_rate() {
    let rig = Rig::play(&[], None);
    times(0, 60, 240).chain(times(4_000_000_000, 10, 60)).for_each(|pts| rig.push(pts));
    rig.end();
    let seconds =
        |units: &[Coded]| key_times(units).iter().map(|pts| pts / 1_000_000_000).collect::<Vec<_>>();
    assert_eq!(seconds(&pull_all(&rig.high)), [0, 2, 4, 6, 8]);
    assert_eq!(seconds(&pull_all(&rig.low)), [0, 2, 4, 6, 8]);
}

#[test]
fn every_browser_decodes_it_constrained_baseline_with_parameter_sets_and_no_b_frames() {
    for encoder in ENCODERS {
        let rig = Rig::play(&[("encoder", encoder), ("gop-ms", "500")], None);
        times(0, 30, 60).for_each(|pts| rig.push(pts));
        rig.end();
        for (sink, size) in [(&rig.high, (640, 360)), (&rig.low, (320, 180))] {
            let units = pull_all(sink);
            assert_eq!(key_times(&units).len(), 4, "{encoder}");
            assert!(units.windows(2).all(|pair| pair[0].pts < pair[1].pts), "{encoder}: in order of showing");
            for unit in units {
                let kinds: Vec<NalType> = h264::nals(&unit.data).map(|nal| nal.kind()).collect();
                assert_eq!(
                    kinds.iter().filter(|kind| kind.is_slice()).count(),
                    1,
                    "{encoder}: one slice: {kinds:?}"
                );
                if h264::is_idr(&unit.data) {
                    let sps = h264::nals(&unit.data).find(|nal| nal.kind() == NalType::Sps).unwrap();
                    assert_eq!(
                        (sps.bytes()[1], sps.bytes()[2] & 0x40),
                        (66, 0x40),
                        "{encoder}: constrained baseline"
                    );
                    let seen = h264::find_sps(&unit.data).unwrap();
                    assert_eq!((seen.width, seen.height), size, "{encoder}");
                    assert!(kinds.contains(&NalType::Pps), "{encoder}: {kinds:?}");
                    assert!(!unit.buffer.flags().contains(gst::BufferFlags::DELTA_UNIT));
                }
            }
        }
        let caps = rig.enc.static_pad("high_src").unwrap().current_caps().unwrap();
        assert_eq!(caps.structure(0).unwrap().get::<&str>("profile"), Ok("constrained-baseline"));
    }
}

#[test]
fn a_cut_to_a_source_with_another_rate_does_not_start_the_encoder_anew() {
    let rig = Rig::play(&[("gop-ms", "60000")], None);
    times(0, 60, 60).for_each(|pts| rig.push(pts));
    rig.video.set_caps(Some(&video_caps(25)));
    times(1_000_000_000, 25, 50).for_each(|pts| rig.push(pts));
    rig.video.set_caps(Some(&video_caps(0)));
    times(3_000_000_000, 30, 30).for_each(|pts| rig.push(pts));
    rig.end();
    assert_eq!(key_times(&pull_all(&rig.high)), [0]);
    assert_eq!(key_times(&pull_all(&rig.low)), [0]);
}

#[test]
fn a_reader_that_stands_still_stops_neither_the_source_nor_the_other_layer() {
    let rig = Rig::build(&[("leaky", "true")], None);
    rig.low.set_max_buffers(1);
    rig.pipeline.set_state(gst::State::Playing).unwrap();
    for pts in times(0, 30, 90) {
        rig.push(pts);
        assert_eq!(pull(&rig.high).pts, pts, "the high layer goes on");
    }
}

#[test]
fn the_capture_time_on_a_picture_stays_on_its_unit() {
    let rig = Rig::play(&[], None);
    let reference = gst::Caps::builder("timestamp/x-unix").build();
    for (index, pts) in times(0, 30, 10).enumerate() {
        let mut buffer = gst::Buffer::from_mut_slice(rig.camera.picture(pts));
        let writable = buffer.get_mut().unwrap();
        writable.set_pts(gst::ClockTime::from_nseconds(pts));
        let captured = gst::ClockTime::from_seconds(1_795_000_000 + index as u64);
        gst::ReferenceTimestampMeta::add(writable, &reference, captured, gst::ClockTime::NONE);
        rig.video.push_buffer(buffer).unwrap();
        for unit in [pull(&rig.high), pull(&rig.low)] {
            let meta = unit.buffer.meta::<gst::ReferenceTimestampMeta>().expect("the meta is still there");
            assert_eq!(meta.timestamp(), captured);
        }
    }
}

#[test]
fn it_stops_in_the_middle_and_plays_again() {
    let rig = Rig::play(&[("leaky", "true")], Some(2));
    for round in 0..3 {
        times(round, 60, 30).for_each(|pts| rig.push(pts));
        for sink in [&rig.high, &rig.low] {
            assert!(h264::is_idr(&pull(sink).data), "round {round}: the first unit is a key frame");
        }
        let stop = if round == 0 { gst::State::Ready } else { gst::State::Null };
        rig.pipeline.set_state(stop).unwrap();
        // A sink keeps what it has in READY.
        for sink in [&rig.high, &rig.low] {
            while sink.try_pull_sample(gst::ClockTime::ZERO).is_some() {}
        }
        rig.pipeline.set_state(gst::State::Playing).unwrap();
    }
    assert_eq!(rig.faults(), [""; 0]);
}

#[test]
fn one_layer_alone_works() {
    let rig = Rig::build(&[], None);
    rig.enc.unlink_pads("high_src", &rig.high, "sink");
    rig.pipeline.remove(&rig.high).unwrap();
    rig.pipeline.set_state(gst::State::Playing).unwrap();
    for pts in times(0, 30, 30) {
        rig.push(pts);
        assert_eq!(pull(&rig.low).pts, pts);
    }
    assert_eq!(rig.faults(), [""; 0]);
}
