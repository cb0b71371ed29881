//! A pipeline around the element: sources that are handed pictures, sinks from which units are pulled.

use std::sync::Once;
use std::time::{Duration, Instant};

use gst::prelude::*;

use crate::pictures::{Camera, HEIGHT, WIDTH};

/// No step of a test takes this long on the slowest machine; reaching it is a failure.
pub(crate) const DEADLINE: gst::ClockTime = gst::ClockTime::from_seconds(20);

pub(crate) struct Rig {
    pub(crate) pipeline: gst::Pipeline,
    pub(crate) enc: gst::Element,
    pub(crate) video: gst_app::AppSrc,
    pub(crate) sound: gst_app::AppSrc,
    pub(crate) high: gst_app::AppSink,
    pub(crate) low: gst_app::AppSink,
    pub(crate) opus: gst_app::AppSink,
    pub(crate) camera: Camera,
}

/// One unit that came out.
pub(crate) struct Coded {
    pub(crate) pts: u64,
    pub(crate) dts: u64,
    pub(crate) data: Vec<u8>,
    pub(crate) buffer: gst::Buffer,
}

impl Rig {
    /// Playing, with these properties; `channels` of sound, or none linked.
    pub(crate) fn play(properties: &[(&str, &str)], channels: Option<i32>) -> Self {
        let rig = Self::build(properties, channels);
        rig.pipeline.set_state(gst::State::Playing).unwrap();
        rig
    }

    pub(crate) fn build(properties: &[(&str, &str)], channels: Option<i32>) -> Self {
        static START: Once = Once::new();
        START.call_once(|| {
            gst::init().unwrap();
            gstsimulcastenc::plugin_register_static().unwrap();
        });
        let enc = gst::ElementFactory::make("simulcastenc").property("leaky", false).build().unwrap();
        for (name, value) in properties {
            enc.set_property_from_str(name, value);
        }
        let source = |caps: &gst::Caps| {
            gst_app::AppSrc::builder()
                .caps(caps)
                .format(gst::Format::Time)
                .block(true)
                .max_bytes(2_000_000)
                .build()
        };
        let sink = || gst_app::AppSink::builder().sync(false).async_(false).build();
        let rig = Self {
            pipeline: gst::Pipeline::new(),
            enc,
            video: source(&video_caps(60)),
            sound: source(&sound_caps(channels.unwrap_or(2))),
            high: sink(),
            low: sink(),
            opus: sink(),
            camera: Camera::new(),
        };
        rig.pipeline
            .add_many([&rig.enc, rig.video.upcast_ref(), rig.high.upcast_ref(), rig.low.upcast_ref()])
            .unwrap();
        rig.video.link_pads(Some("src"), &rig.enc, Some("video_sink")).unwrap();
        rig.enc.link_pads(Some("high_src"), &rig.high, Some("sink")).unwrap();
        rig.enc.link_pads(Some("low_src"), &rig.low, Some("sink")).unwrap();
        if channels.is_some() {
            rig.pipeline.add_many([rig.sound.upcast_ref::<gst::Element>(), rig.opus.upcast_ref()]).unwrap();
            rig.sound.link_pads(Some("src"), &rig.enc, Some("audio_sink")).unwrap();
            rig.enc.link_pads(Some("audio_src"), &rig.opus, Some("sink")).unwrap();
        }
        rig
    }

    /// Hands over the picture of this time.
    pub(crate) fn push(&self, pts: u64) {
        let mut buffer = gst::Buffer::from_mut_slice(self.camera.picture(pts));
        buffer.get_mut().unwrap().set_pts(gst::ClockTime::from_nseconds(pts));
        self.video.push_buffer(buffer).unwrap();
    }

    /// Hands over 20 ms of sound.
    pub(crate) fn push_sound(&self, pts: u64, channels: usize) {
        let samples = (0..960usize).flat_map(|index| {
            let turns = (pts as f64 / 1e9 + index as f64 / 48_000.0) * 440.0;
            std::iter::repeat_n((turns * std::f64::consts::TAU).sin() as f32 * 0.3, channels)
        });
        let mut buffer = gst::Buffer::from_mut_slice(samples.flat_map(f32::to_le_bytes).collect::<Vec<u8>>());
        let writable = buffer.get_mut().unwrap();
        writable.set_pts(gst::ClockTime::from_nseconds(pts));
        writable.set_duration(gst::ClockTime::from_mseconds(20));
        self.sound.push_buffer(buffer).unwrap();
    }

    /// No more pictures and no more sound.
    pub(crate) fn end(&self) {
        self.video.end_of_stream().unwrap();
        // Without sound its source is not in the pipeline and does not take the end.
        let _ = self.sound.end_of_stream();
    }

    /// Asks for a key frame, as a viewer's page would through the relay.
    pub(crate) fn ask_key_frame(&self, sink: &gst_app::AppSink) {
        let event = gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(true).build();
        assert!(sink.static_pad("sink").unwrap().push_event(event), "the request was taken");
    }

    /// The sentences of this kind on the bus; everything else on it is let go.
    pub(crate) fn said(&self, kind: gst::MessageType) -> Vec<String> {
        let bus = self.pipeline.bus().unwrap();
        let messages = std::iter::from_fn(|| bus.pop_filtered(&[kind]));
        let sentence = |message: gst::Message| match message.view() {
            gst::MessageView::Error(error) => error.error().to_string(),
            gst::MessageView::Warning(warning) => warning.error().to_string(),
            _ => format!("{message:?}"),
        };
        messages.map(sentence).collect()
    }

    /// The errors on the bus.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.said(gst::MessageType::Error)
    }

    /// Waits until `condition` holds.
    pub(crate) fn wait_for(&self, what: &str, condition: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_nanos(DEADLINE.nseconds());
        while !condition() {
            assert!(Instant::now() < end, "{what}: not within {DEADLINE}; bus: {:?}", self.faults());
            std::thread::yield_now();
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // A pipeline that does not stop hangs the test, which is seen.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// The next unit.
pub(crate) fn pull(sink: &gst_app::AppSink) -> Coded {
    coded(&sink.try_pull_sample(DEADLINE).expect("a unit within the deadline"))
}

/// All units up to the end of the stream.
pub(crate) fn pull_all(sink: &gst_app::AppSink) -> Vec<Coded> {
    let all = std::iter::from_fn(|| sink.try_pull_sample(DEADLINE)).map(|sample| coded(&sample)).collect();
    assert!(sink.is_eos(), "the end of the stream within the deadline");
    all
}

fn coded(sample: &gst::Sample) -> Coded {
    let segment = sample.segment().unwrap().downcast_ref::<gst::ClockTime>().unwrap();
    let buffer = sample.buffer_owned().unwrap();
    let pts = buffer.pts().unwrap();
    assert_eq!(segment.to_running_time(pts), Some(pts), "the segment is the source's, untouched");
    let data = buffer.map_readable().unwrap().to_vec();
    Coded { pts: pts.nseconds(), dts: buffer.dts_or_pts().unwrap().nseconds(), data, buffer }
}

pub(crate) fn video_caps(fps: i32) -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", WIDTH as i32)
        .field("height", HEIGHT as i32)
        .field("framerate", gst::Fraction::new(fps, 1))
        .build()
}

fn sound_caps(channels: i32) -> gst::Caps {
    gst::Caps::builder("audio/x-raw")
        .field("format", "F32LE")
        .field("layout", "interleaved")
        .field("rate", 48_000i32)
        .field("channels", channels)
        .build()
}

/// Times of `count` pictures at this rate, from `start`.
pub(crate) fn times(start: u64, fps: u64, count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(move |index| start + index * 1_000_000_000 / fps)
}
