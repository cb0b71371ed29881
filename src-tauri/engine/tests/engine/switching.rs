//! Test pictures switched, pushed, received and looked at.

use returnfeed_engine::controller::Command;
use returnfeed_engine::gui::Notice;
use returnfeed_engine::picture::test::backdrop;
use returnfeed_media::{Track, capture_time, h264};

use crate::decode::decode;
use crate::server::{Arrival, Server};
use crate::stage::{Stage, source};

fn is_video(arrival: &Arrival) -> bool {
    arrival.unit.track == Track::Video
}

fn is_audio(arrival: &Arrival) -> bool {
    arrival.unit.track == Track::Audio
}

#[test]
fn both_layers_arrive_whole_in_order_and_with_their_way_written_in_them() {
    let server = Server::start();
    let stage = Stage::start(&["test"], &server);
    for (stream, size, count) in [("high", (640, 360), 240), ("low", (320, 180), 120)] {
        let arrivals = server.until("some seconds of pictures", stream, count, is_video);
        let pictures: Vec<&Arrival> = arrivals.iter().filter(|arrival| is_video(arrival)).collect();
        assert!(pictures[0].unit.keyframe, "{stream} begins with a keyframe");
        let sps = h264::find_sps(&pictures[0].unit.data).unwrap();
        assert_eq!((sps.width, sps.height), size);
        assert!(!sps.may_reorder());
        assert!(
            pictures.windows(2).all(|pair| pair[0].unit.pts < pair[1].unit.pts),
            "{stream}'s pictures rise"
        );
        for picture in &pictures {
            let stamps = capture_time::read(&picture.unit.data).expect("each picture is stamped");
            let way = [stamps.captured_us, stamps.encoder_in_us, stamps.encoder_out_us, stamps.sent_us];
            assert!(way[0] > 1_700_000_000_000_000 && way.is_sorted(), "{way:?}");
        }
    }
    let arrivals = server.until("five seconds of sound", "high", 250, is_audio);
    let sound: Vec<&Arrival> = arrivals.iter().filter(|arrival| is_audio(arrival)).collect();
    // Before the first whole packet lies the codec's own delay.
    let steps: Vec<u64> = sound[1..].windows(2).map(|pair| pair[1].unit.pts.0 - pair[0].unit.pts.0).collect();
    assert!(steps.iter().all(|step| *step == 1_800), "each packet is 20 ms: {steps:?}");
    let troubles = server.wait("the end", |heard| Some(heard.troubles.clone()));
    assert_eq!(troubles, [""; 0]);
    stage.stop();
}

#[test]
fn a_cut_changes_the_picture_and_the_lamps_at_one_frame() {
    let server = Server::start();
    let stage = Stage::start(&["test", "test"], &server);
    for number in [1, 2] {
        stage.wait_source(number, 0, |state| *state == returnfeed_engine::gui::SourceState::Live);
    }
    let before = server.until("a second of pictures", "high", 60, is_video).len();
    let pressed = returnfeed_engine::clock::wall_us();
    stage.command(Command::Cut(source(2)));
    let (lamps_at, ()) = stage.wait("camera 2 RED", |notice| match notice {
        Notice::Buses { programme, preview, .. } => {
            (*programme == source(2) && *preview == Some(source(1))).then_some(())
        }
        _ => None,
    });
    let arrivals = server.until("a second after the cut", "high", before + 90, |_| true);
    let pictures: Vec<&Arrival> = arrivals.iter().filter(|arrival| is_video(arrival)).collect();
    let decoded = decode(&arrivals);
    let [one, two] = [1, 2].map(|n| backdrop(source(n)).y);
    let shown: Vec<u8> = decoded
        .iter()
        .map(|picture| {
            let luma = picture.luma(20, 200);
            if luma.abs_diff(one) < luma.abs_diff(two) { 1 } else { 2 }
        })
        .collect();
    let cut = shown.iter().position(|number| *number == 2).expect("the cut is seen");
    assert!(shown[..cut].iter().all(|number| *number == 1) && shown[cut..].iter().all(|number| *number == 2));
    let stamps = capture_time::read(&pictures[cut].unit.data).unwrap();
    assert!(stamps.captured_us >= pressed, "the first new frame is younger than the key");
    assert!(
        lamps_at <= pictures[cut].at + std::time::Duration::from_millis(500),
        "the lamps go with the frame"
    );
    let last_old = pictures[cut - 1];
    assert!(lamps_at > last_old.at - std::time::Duration::from_millis(500), "and not before it");
    stage.stop();
}

#[test]
fn a_source_that_does_not_exist_is_refused_and_nothing_changes() {
    let server = Server::start();
    let stage = Stage::start(&["test"], &server);
    stage.command(Command::Cut(source(5)));
    let (_, reason) = stage.wait("a refusal", |notice| match notice {
        Notice::Refused { reason } => Some(reason.to_string()),
        _ => None,
    });
    assert_eq!(reason, "there is no source 5; the sources go from 1 to 1");
    server.until("pictures", "high", 30, is_video);
    stage.stop();
}
