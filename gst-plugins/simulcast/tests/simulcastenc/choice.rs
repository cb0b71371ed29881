//! Which encoder runs, why, and what happens when it fails.

use gst::prelude::*;
use returnfeed_media::h264;

use crate::rig::{Rig, pull, times};

const ALL: [&str; 13] = [
    "nvh264enc",
    "nvcudah264enc",
    "vah264enc",
    "vah264lpenc",
    "vaapih264enc",
    "qsvh264enc",
    "amfh264enc",
    "vtenc_h264_hw",
    "vtenc_h264",
    "mfh264enc",
    "avenc_h264_omx",
    "x264enc",
    "openh264enc",
];

fn report(rig: &Rig) -> Vec<(String, String, String)> {
    let report: String = rig.enc.property("candidates");
    println!("{report}\n");
    let parts = |line: &str| {
        let mut parts = line.splitn(3, ": ").map(str::to_owned);
        let name = parts.next().unwrap().split(' ').next().unwrap().to_owned();
        (name, parts.next().unwrap(), parts.next().unwrap())
    };
    report.lines().map(parts).collect()
}

#[test]
fn the_report_names_every_candidate_with_a_reason() {
    let rig = Rig::build(&[], None);
    rig.pipeline.set_state(gst::State::Ready).unwrap();
    let lines = report(&rig);
    assert_eq!(lines.iter().map(|line| line.0.as_str()).collect::<Vec<_>>(), ALL);
    assert!(lines.iter().all(|(_, verdict, reason)| !verdict.is_empty() && reason.len() > 5));
    let chosen: Vec<_> = lines.iter().filter(|line| line.1 == "chosen").collect();
    assert_eq!(chosen.len(), 1);
    assert_eq!(chosen[0].0, rig.enc.property::<String>("chosen-encoder"));
    let message = rig.pipeline.bus().unwrap().pop_filtered(&[gst::MessageType::Element]).unwrap();
    assert_eq!(message.structure().unwrap().name(), "simulcastenc-encoder");
}

#[test]
fn an_encoder_that_is_present_but_cannot_encode_is_passed_over() {
    // libav's OpenMAX encoder is in every Debian and has no hardware to speak to.
    let rig = Rig::build(&[("encoder", "avenc_h264_omx")], None);
    assert!(gst::ElementFactory::find("avenc_h264_omx").is_some(), "this test needs gstreamer1.0-libav");
    rig.pipeline.set_state(gst::State::Playing).unwrap();
    let lines = report(&rig);
    assert_eq!((lines[0].0.as_str(), lines[0].1.as_str()), ("avenc_h264_omx", "passed over"));
    assert!(lines[0].2.starts_with("present, but cannot encode here"), "{}", lines[0].2);
    rig.push(0);
    assert!(h264::is_idr(&pull(&rig.high).data));
}

#[test]
fn a_name_that_nobody_knows_is_told_and_does_not_cost_the_picture() {
    let rig = Rig::play(&[("encoder", "h265enc")], None);
    assert!(
        rig.enc
            .property::<String>("candidates")
            .starts_with("h265enc: passed over: this element does not know")
    );
    rig.push(0);
    assert!(h264::is_idr(&pull(&rig.low).data));
}

/// The encoder that runs in a layer.
fn running(rig: &Rig, layer: &str) -> gst::Element {
    let bin = rig.enc.downcast_ref::<gst::Bin>().unwrap();
    let all = bin.iterate_recurse().into_iter().flatten();
    all.filter(|element| element.name() == "encoder")
        .find(|element| element.parent().unwrap().name().starts_with(layer))
        .unwrap()
}

#[test]
fn an_encoder_that_fails_while_it_runs_is_replaced_before_the_next_picture() {
    let rig = Rig::play(&[("encoder", "x264enc")], None);
    let all: Vec<u64> = times(0, 30, 60).collect();
    for (index, pts) in all.iter().enumerate() {
        if index == 30 {
            let encoder = running(&rig, "low");
            gst::element_error!(encoder, gst::StreamError::Encode, ["the session was taken away"]);
        }
        rig.push(*pts);
        let (high, low) = (pull(&rig.high), pull(&rig.low));
        assert_eq!((high.pts, low.pts), (*pts, *pts), "no picture is lost");
        if index == 30 {
            assert!(h264::is_idr(&low.data), "the new encoder begins with a key frame");
        }
    }
    assert_eq!(rig.enc.property::<String>("chosen-encoder"), "openh264enc");
    for layer in ["high", "low"] {
        assert_eq!(running(&rig, layer).factory().unwrap().name(), "openh264enc");
    }
    let report: String = rig.enc.property("candidates");
    assert!(report.contains("x264enc (x264): failed while running:"), "{report}");
    let bus = rig.pipeline.bus().unwrap();
    let said: Vec<_> =
        std::iter::from_fn(|| bus.pop_filtered(&[gst::MessageType::Error, gst::MessageType::Warning]))
            .collect();
    assert_eq!(said.len(), 1, "the failure stays inside, but it is told: {said:?}");
    let gst::MessageView::Warning(warning) = said[0].view() else { panic!("{:?}", said[0]) };
    assert!(
        warning.error().to_string().starts_with("the encoder failed, openh264enc goes on"),
        "{warning:?}"
    );
}

#[test]
fn a_live_source_never_hears_of_the_change() {
    let rig = Rig::play(&[("encoder", "openh264enc"), ("leaky", "true")], None);
    for (index, pts) in times(0, 60, 120).enumerate() {
        if index == 40 {
            gst::element_error!(running(&rig, "high"), gst::StreamError::Encode, ["no session left"]);
        }
        rig.push(pts);
    }
    rig.wait_for("the next encoder", || rig.enc.property::<String>("chosen-encoder") == "x264enc");
    assert_eq!(rig.faults(), [""; 0]);
}

#[test]
fn when_the_last_encoder_fails_the_element_says_what_to_do() {
    let rig = Rig::play(&[], None);
    let bus = rig.pipeline.bus().unwrap();
    for pts in times(0, 30, 300) {
        if rig.enc.property::<String>("chosen-encoder").is_empty() {
            break;
        }
        gst::element_error!(running(&rig, "high"), gst::StreamError::Encode, ["gone"]);
        rig.push(pts);
        rig.wait_for("a change", || {
            let chosen: String = rig.enc.property("chosen-encoder");
            chosen.is_empty() || rig.high.try_pull_sample(gst::ClockTime::from_mseconds(10)).is_some()
        });
    }
    let error = bus.timed_pop_filtered(crate::rig::DEADLINE, &[gst::MessageType::Error]).unwrap();
    let gst::MessageView::Error(error) = error.view() else { panic!("not an error") };
    let sentence = error.error().to_string();
    assert!(sentence.contains("no H.264 encoder works on this machine. Install one"), "{sentence}");
}
