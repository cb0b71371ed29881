//! The encoder at the engine's own seam.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use returnfeed_engine::clock::{EngineClock, wall_us};
use returnfeed_engine::encode::{Encoder, Timed};
use returnfeed_engine::picture::test::TestPicture;
use returnfeed_engine::switch::{Feed, Picture};
use returnfeed_media::Track;
use returnfeed_protocol::{Layer, MediaTime};

use crate::stage::{PATIENCE, source};

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
        feed.picture(&Picture { buffer, captured_us: wall_us() }, at);
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
