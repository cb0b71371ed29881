//! The encoder at the engine's own seam.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use gst::prelude::*;
use returnfeed_engine::clock::{EngineClock, wall_us};
use returnfeed_engine::encode::{Encoder, EncoderEvent, EncoderKeeper, EncoderSlot, Timed};
use returnfeed_engine::gui::Notice;
use returnfeed_engine::picture::test::TestPicture;
use returnfeed_engine::switch::{Feed, Picture, Shot};
use returnfeed_media::Track;
use returnfeed_protocol::{Layer, MediaTime};

use crate::decode::decode;
use crate::server::{Arrival, Server};
use crate::stage::{PATIENCE, Stage, source};

type Units = Arc<(Mutex<Vec<(Layer, Timed)>>, Condvar)>;

fn wait<T>(units: &Units, what: &str, found: impl Fn(&[(Layer, Timed)]) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    let mut got = units.0.lock().unwrap();
    loop {
        if let Some(result) = found(&got) {
            return result;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "the encoder never gave {what}");
        got = units.1.wait_timeout(got, left).unwrap().0;
    }
}

#[test]
fn one_frame_in_is_one_unit_out_and_a_keyframe_comes_where_it_was_asked_for() {
    returnfeed_engine::init().unwrap();
    let units = Units::default();
    let clock = EngineClock::start();
    let encoder = Encoder::start(
        &clock,
        Arc::new({
            let units = Arc::clone(&units);
            move |layer, timed| {
                units.0.lock().unwrap().push((layer, timed));
                units.1.notify_all();
            }
        }),
    )
    .unwrap();
    let (mut feed, picture) = (encoder.feed(), TestPicture::new(source(1)));
    for n in 0..60u64 {
        let at = Duration::from_micros(1_000_000 + n * 33_400);
        let buffer = gst::Buffer::from_mut_slice(picture.frame(at, n));
        if n == 30 {
            encoder.keyframes().request(Layer::Low);
        }
        feed.picture(&Picture { buffer, captured_us: wall_us() }, at, Shot::GoesOn);
        let pts = MediaTime::from_nanos(u64::try_from(at.as_nanos()).unwrap());
        for wanted in Layer::ALL {
            let stages = wait(&units, "the frame that went in", |units| {
                units
                    .iter()
                    .find(|(layer, timed)| *layer == wanted && timed.unit.pts == pts)
                    .map(|(_, timed)| timed.stages)
            });
            let stages = stages.expect("each frame's way is known");
            assert!(
                stages.captured_us <= stages.encoder_in_us && stages.encoder_in_us <= stages.encoder_out_us
            );
        }
    }
    let keyframes = |wanted| {
        let units = units.0.lock().unwrap();
        let pictures =
            units.iter().filter(|(layer, timed)| *layer == wanted && timed.unit.track == Track::Video);
        pictures.enumerate().filter(|(_, (_, timed))| timed.unit.keyframe).map(|(n, _)| n).collect::<Vec<_>>()
    };
    assert_eq!(keyframes(Layer::High), [0], "nobody asked the high layer");
    assert_eq!(keyframes(Layer::Low), [0, 30]);
    let (chosen, candidates) = encoder.choice();
    assert!(candidates.iter().any(|line| line.starts_with(&chosen)), "{chosen}: {candidates:?}");
}

/// Frames keep coming while an encoder inside fails for good, as one does whose graphics card is gone.
#[test]
fn an_encoder_that_dies_is_replaced_at_a_keyframe_while_frames_go_on() {
    returnfeed_engine::init().unwrap();
    let (units, clock, mut slot) = (Units::default(), EngineClock::start(), EncoderSlot::default());
    let events = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    let keeper = EncoderKeeper::start(
        clock,
        slot.clone(),
        Arc::new({
            let units = Arc::clone(&units);
            move |layer, timed| {
                units.0.lock().unwrap().push((layer, timed));
                units.1.notify_all();
            }
        }),
        Box::new({
            let events = Arc::clone(&events);
            move |event| {
                events.0.lock().unwrap().push(event);
                events.1.notify_all();
            }
        }),
    )
    .unwrap();
    let is_failed =
        |event: &EncoderEvent| matches!(event, EncoderEvent::Failed(why) if why.contains("injected"));
    let picture = TestPicture::new(source(1));
    let (mut n, mut injected_at, deadline) = (0u64, None, Instant::now() + PATIENCE);
    loop {
        let at = Duration::from_micros(1_000_000 + n * 33_400);
        let buffer = gst::Buffer::from_mut_slice(picture.frame(at, n));
        slot.picture(&Picture { buffer, captured_us: wall_us() }, at, Shot::GoesOn);
        n += 1;
        let high = |units: &Units| {
            let units = units.0.lock().unwrap();
            let high = units
                .iter()
                .filter(|(layer, timed)| *layer == Layer::High && timed.unit.track == Track::Video);
            high.map(|(_, timed)| (timed.unit.pts, timed.unit.keyframe)).collect::<Vec<_>>()
        };
        match injected_at {
            None if high(&units).len() >= 10 => {
                let pipeline = slot.element().unwrap().parent().and_downcast::<gst::Element>().unwrap();
                gst::element_error!(pipeline, gst::StreamError::Encode, ("injected"));
                injected_at = Some(MediaTime::from_nanos(u64::try_from(at.as_nanos()).unwrap()));
            }
            None => {}
            Some(injected_at) => {
                let failed = events.0.lock().unwrap().iter().any(is_failed);
                let after: Vec<_> = high(&units).into_iter().filter(|(pts, _)| *pts > injected_at).collect();
                let back = after.iter().position(|(_, keyframe)| *keyframe);
                if let Some(back) = back.filter(|back| failed && after.len() > back + 5) {
                    assert!(after.windows(2).all(|two| two[0].0 < two[1].0), "times rise over the change");
                    println!("the new encoder's keyframe is picture {back} after the fault");
                    break;
                }
            }
        }
        assert!(Instant::now() < deadline, "no new encoder: {:?}", events.0.lock().unwrap());
        // The pace of a source at 50: a frame that comes out wakes earlier.
        let _woken = units.1.wait_timeout(units.0.lock().unwrap(), Duration::from_millis(20)).unwrap();
    }
    drop(keeper);
}

/// How a graphics card's encoder ends: it says so, and takes no picture any more.
fn breaks(simulcast: &gst::Element) -> String {
    let parts = simulcast.downcast_ref::<gst::Bin>().unwrap().iterate_recurse();
    let encoder = parts.into_iter().flatten().find(|part| part.name() == "encoder").unwrap();
    let sink = encoder.static_pad("sink").unwrap();
    sink.add_probe(gst::PadProbeType::BUFFER, |_, info| {
        info.flow_res = Err(gst::FlowError::Error);
        info.data = None;
        gst::PadProbeReturn::Handled
    });
    gst::element_error!(encoder, gst::StreamError::Encode, ("the session is lost"));
    encoder.factory().unwrap().name().to_string()
}

/// The longest that a group of pictures lasts.
const GROUP: u64 = 2 * MediaTime::HZ;

#[test]
fn an_encoder_that_fails_on_air_costs_the_pushed_stream_less_than_a_group_of_pictures() {
    let server = Server::start();
    let stage = Stage::start(&["test"], &server);
    let is_picture = |arrival: &Arrival| arrival.unit.track == Track::Video;
    server.until("pictures", "high", 60, is_picture);
    server.until("pictures", "low", 30, is_picture);
    let failed = breaks(&stage.encoder().element().unwrap());
    let (_, chosen) = stage.wait("another encoder", |notice| match notice {
        Notice::Encoder { chosen, .. } if *chosen != failed => Some(chosen.clone()),
        _ => None,
    });
    for stream in ["high", "low"] {
        let had = server.until("what came", stream, 0, is_picture).into_iter().filter(is_picture).count();
        let all = server.until("pictures of the other encoder", stream, had + 60, is_picture);
        let pictures: Vec<&Arrival> = all.iter().filter(|arrival| is_picture(arrival)).collect();
        assert!(
            pictures.windows(2).all(|two| two[0].unit.pts < two[1].unit.pts),
            "times rise over the change"
        );
        let gap = pictures.windows(2).map(|two| two[1].unit.pts.0 - two[0].unit.pts.0).max().unwrap();
        println!("{stream}: {failed} failed, {chosen} goes on after {} ms", gap / 90);
        assert!(gap < GROUP, "{stream} stood still for {} ms", gap / 90);
        // Each is a picture by itself and the ones before: the other encoder begins with a keyframe.
        decode(&all);
    }
    stage.stop();
}
