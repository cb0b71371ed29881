//! The three elements in real pipelines, through a real encoder at the rates of the layers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Once;
use std::time::{SystemTime, UNIX_EPOCH};

use gst::prelude::*;
use gstframestamp::picture::{self, Component, Plane};
use gstframestamp::{bits, picture::shines};

const DEADLINE: gst::ClockTime = gst::ClockTime::from_seconds(60);

fn launch(description: &str) -> gst::Pipeline {
    static START: Once = Once::new();
    START.call_once(|| {
        gst::init().unwrap();
        gstframestamp::plugin_register_static().unwrap();
    });
    gst::parse::launch(description).unwrap().downcast().unwrap()
}

/// Plays to the end of the stream and gives the element messages of the reader.
fn run(pipeline: &gst::Pipeline) -> Vec<gst::Structure> {
    pipeline.set_state(gst::State::Playing).unwrap();
    let bus = pipeline.bus().unwrap();
    let kinds = [gst::MessageType::Eos, gst::MessageType::Error, gst::MessageType::Element];
    let mut told = Vec::new();
    loop {
        let message = bus.timed_pop_filtered(DEADLINE, &kinds).expect("the end within the deadline");
        match message.view() {
            gst::MessageView::Eos(_) => break,
            gst::MessageView::Error(error) => panic!("{error:?}"),
            _ => told.extend(message.structure().map(ToOwned::to_owned)),
        }
    }
    told
}

fn stats(pipeline: &gst::Pipeline) -> gst::Structure {
    pipeline.by_name("reader").unwrap().property("stats")
}

fn stop(pipeline: &gst::Pipeline) {
    pipeline.set_state(gst::State::Null).unwrap();
}

#[test]
fn every_stamp_survives_both_layers_as_x264_codes_them() {
    for (scale, kilobits) in [("width=640,height=360", 920), ("width=320,height=180", 88)] {
        for pattern in ["ball", "smpte", "snow"] {
            let pipeline = launch(&format!(
                "videotestsrc num-buffers=90 pattern={pattern} ! video/x-raw,format=I420,width=640,height=360,framerate=30/1 \
                 ! framestamp flash=true ! videoscale ! video/x-raw,{scale} \
                 ! x264enc tune=zerolatency speed-preset=veryfast bitrate={kilobits} vbv-buf-capacity=200 threads=1 \
                 ! video/x-h264,profile=constrained-baseline ! avdec_h264 ! framestampreader name=reader ! fakesink"
            ));
            let told = run(&pipeline);
            let stats = stats(&pipeline);
            println!("{pattern} at {kilobits} kbit/s: {stats}");
            assert_eq!(stats.get::<u64>("frames"), Ok(90));
            assert_eq!(stats.get::<u64>("read"), Ok(90), "{pattern} at {kilobits} kbit/s");
            assert!(stats.get::<i64>("p50-us").unwrap() > 0);
            assert_eq!(told.iter().filter(|structure| structure.name() == "framestamp").count(), 90);
            stop(&pipeline);
        }
    }
}

#[test]
fn every_format_is_stamped_and_read() {
    for format in ["I420", "NV12", "UYVY"] {
        let pipeline = launch(&format!(
            "videotestsrc num-buffers=5 ! video/x-raw,format={format},width=640,height=360 ! framestamp \
             ! videoconvert ! video/x-raw,format=I420 ! framestampreader name=reader ! fakesink"
        ));
        run(&pipeline);
        assert_eq!(stats(&pipeline).get::<u64>("read"), Ok(5), "{format}");
        stop(&pipeline);
    }
}

#[test]
fn a_picture_without_a_stamp_is_counted_as_absent_and_passes() {
    let pipeline = launch(
        "videotestsrc num-buffers=5 ! video/x-raw,format=I420,width=640,height=360 ! framestampreader name=reader \
         ! appsink name=sink sync=false",
    );
    let sink: gst_app::AppSink = pipeline.by_name("sink").unwrap().downcast().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    assert_eq!(std::iter::from_fn(|| sink.try_pull_sample(DEADLINE)).count(), 5);
    let stats = stats(&pipeline);
    assert_eq!((stats.get::<u64>("absent"), stats.get::<u64>("read")), (Ok(5), Ok(0)));
    assert!(!stats.has_field("p50-us"), "no figure without a measurement");
    stop(&pipeline);
}

#[test]
fn the_stamp_is_the_wall_clock_and_the_flash_goes_by_it() {
    let pipeline = launch(
        "videotestsrc is-live=true num-buffers=600 pattern=ball ! video/x-raw,format=I420,width=640,height=360,framerate=60/1 \
         ! framestamp flash=true ! appsink name=sink sync=false",
    );
    let sink: gst_app::AppSink = pipeline.by_name("sink").unwrap().downcast().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let (mut lit_pictures, mut dark_pictures) = (0, 0);
    while lit_pictures < 3 || dark_pictures < 3 {
        let sample = sink.try_pull_sample(DEADLINE).expect("both within ten seconds of pictures");
        let map = sample.buffer().unwrap().map_readable().unwrap();
        let luma =
            Plane { data: &map[..], stride: 640, pixel_stride: 1, shift: (0, 0), component: Component::Luma };
        let stamp = bits::read(&picture::read(&luma, 640, 360)).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
        let age = bits::age(now, stamp);
        assert!((0..5_000_000).contains(&age), "{age} us old");
        // The stamp counts from 1970 modulo 2^48 microseconds, the flash from 1970.
        let lit = shines((now - age as u64) / 1000);
        assert_eq!(picture::reads_flash(&luma, 640, 360), lit);
        lit_pictures += usize::from(lit);
        dark_pictures += usize::from(!lit);
    }
    stop(&pipeline);
}

/// Of many measurements the one in which the machine paused least between the two clocks.
fn wall_minus_running(pipeline: &gst::Pipeline) -> u64 {
    let measure = |_| {
        let before = pipeline.current_running_time().unwrap().nseconds();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        (pipeline.current_running_time().unwrap().nseconds() - before, wall - before)
    };
    (0..50).map(measure).min().unwrap().1
}

/// The samples of one and a quarter seconds of tone, each with its wall-clock time in nanoseconds.
fn tone(description: &str) -> Vec<(u64, f32)> {
    let pipeline = launch(description);
    let sink: gst_app::AppSink = pipeline.by_name("sink").unwrap().downcast().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let mut samples = Vec::new();
    let mut offset = None;
    while let Some(sample) = sink.try_pull_sample(DEADLINE) {
        let buffer = sample.buffer().unwrap();
        let offset = *offset.get_or_insert_with(|| wall_minus_running(&pipeline));
        let start = offset + buffer.pts().unwrap().nseconds();
        let map = buffer.map_readable().unwrap();
        for (index, bytes) in map.chunks_exact(4).enumerate() {
            let at = start + index as u64 * 1_000_000_000 / 48_000;
            samples.push((at, f32::from_le_bytes(bytes.try_into().unwrap())));
        }
    }
    stop(&pipeline);
    samples
}

const SILENCE: &str = "audiotestsrc is-live=true wave=silence num-buffers=130 samplesperbuffer=480 \
    ! audio/x-raw,format=F32LE,rate=48000,channels=1 ! framestamptone name=tone ! appsink name=sink sync=false";

#[test]
fn the_tone_sounds_in_the_first_tenth_of_each_second_of_the_wall_clock() {
    let samples = tone(SILENCE);
    assert_eq!(samples.len(), 130 * 480);
    // A machine that pauses between two readings of its clocks moves the mapping; that is bounded, not hidden.
    const SLACK: u64 = 3_000_000;
    for (at, level) in &samples {
        let within = at % 1_000_000_000;
        let surely_silent = within > 100_000_000 + SLACK && within < 1_000_000_000 - SLACK;
        assert!(!surely_silent || *level == 0.0, "{level} at {within} ns of the second");
    }
    let sounding = samples.iter().filter(|(_, level)| level.abs() > 0.01).count();
    assert!((4000..=15_000).contains(&sounding), "{sounding} samples sound");
    let jumps = samples.windows(2).filter(|pair| (pair[0].1 - pair[1].1).abs() > 0.1).count();
    assert!(jumps <= 2, "{jumps} clicks: the beep is one piece from buffer to buffer");
}

#[test]
fn mixed_the_input_stays() {
    let constant = SILENCE.replace("wave=silence", "wave=square freq=1 volume=0.5");
    let kept = tone(&constant.replace("name=tone", "mix=true"));
    let replaced = tone(&constant);
    assert!(kept.iter().all(|(_, level)| level.abs() > 0.2), "the square is under the beep");
    assert!(replaced.iter().any(|(_, level)| *level == 0.0), "the square is gone");
}
