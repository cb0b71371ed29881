//! Programme in, two H.264 layers and Opus out: a pipeline around `simulcastenc`, and the book of when each frame
//! passed.
//!
//! Refuses to choose an encoder (the element does) and to hold a frame. Invariant: a unit's time is its frame's air
//! time.

mod keeper;
mod ledger;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gst::prelude::*;
use returnfeed_media::{Track, Unit};
use returnfeed_protocol::{Layer, MediaTime};

use crate::clock::{EngineClock, EngineTime, wall_us};
use crate::picture;
use crate::switch::{AudioFrame, CHANNELS, FRAME, Feed, Picture, RATE, Shot};
use ledger::{Entry, Ledger};

pub use keeper::{EncoderEvent, EncoderKeeper, EncoderSlot, OnEncoder};

/// When a unit passed which stage, in wall time (µs since 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// The frame arrived from its source.
    pub captured_us: u64,
    /// It was given to the encoder.
    pub encoder_in_us: u64,
    /// It came out encoded.
    pub encoder_out_us: u64,
}

/// A unit and its way so far; sound has none.
#[derive(Debug, Clone)]
pub struct Timed {
    /// What to push.
    pub unit: Unit,
    /// How it came here.
    pub stages: Option<Stages>,
}

/// Takes what comes out, on the encoder's own threads: must not wait.
pub type OnUnit = Arc<dyn Fn(Layer, Timed) + Send + Sync>;

/// Why nothing can be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be encoded: {cause}; install the GStreamer plugins \"good\", \"bad\" and \"ugly\"")]
pub struct NoEncoder {
    /// As the element or GStreamer says it.
    pub cause: String,
}

/// Frames between switch and encoder at most; the oldest goes first.
const WAITING: u64 = 4;

/// The running encoder.
pub struct Encoder {
    pipeline: gst::Pipeline,
    bin: gst::Element,
    video: gst_app::AppSrc,
    audio: gst_app::AppSrc,
    ledger: Arc<Mutex<Ledger>>,
}

impl Encoder {
    /// Builds and starts it; trying the candidates takes a moment.
    ///
    /// # Errors
    /// When no encoder of this machine works.
    pub fn start(clock: &EngineClock, on_unit: OnUnit) -> Result<Self, NoEncoder> {
        let fail = |error: gst::glib::BoolError| NoEncoder { cause: error.to_string() };
        let pipeline = gst::Pipeline::with_name("encode");
        clock.align(&pipeline);
        let video = appsrc("video", &video_caps());
        let audio = appsrc("audio", &audio_caps());
        let bin = gst::ElementFactory::make("simulcastenc").name("simulcast").build().map_err(fail)?;
        pipeline.add_many([video.upcast_ref(), audio.upcast_ref(), &bin]).map_err(fail)?;
        video.link_pads(Some("src"), &bin, Some("video_sink")).map_err(fail)?;
        audio.link_pads(Some("src"), &bin, Some("audio_sink")).map_err(fail)?;
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let outlets: [(&str, Track, &'static [Layer]); 3] = [
            ("high_src", Track::Video, &[Layer::High]),
            ("low_src", Track::Video, &[Layer::Low]),
            ("audio_src", Track::Audio, &Layer::ALL),
        ];
        for (pad, track, layers) in outlets {
            let sink = appsink(pad, track, layers, &ledger, &on_unit);
            pipeline.add(&sink).map_err(fail)?;
            bin.link_pads(Some(pad), &sink, Some("sink")).map_err(fail)?;
        }
        let encoder = Self { pipeline, bin, video, audio, ledger };
        if encoder.pipeline.set_state(gst::State::Playing).is_err() {
            return Err(NoEncoder { cause: encoder.first_failure() });
        }
        Ok(encoder)
    }

    fn first_failure(&self) -> String {
        std::iter::from_fn(|| self.happening(Duration::ZERO))
            .find_map(|happening| match happening {
                Happening::Failed(cause) => Some(cause),
                Happening::Chosen => None,
            })
            .unwrap_or_else(|| "the encoder did not start".to_owned())
    }

    /// What feeds it.
    pub fn feed(&self) -> EncoderFeed {
        EncoderFeed { video: self.video.clone(), audio: self.audio.clone(), ledger: Arc::clone(&self.ledger) }
    }

    /// What asks it for keyframes.
    pub fn keyframes(&self) -> KeyframeRequests {
        KeyframeRequests { bin: self.bin.clone() }
    }

    /// The factory that was chosen, and why each other one was not.
    pub fn choice(&self) -> (String, Vec<String>) {
        let text = |name| self.bin.property::<Option<String>>(name).unwrap_or_default();
        (text("chosen-encoder"), text("candidates").lines().map(str::to_owned).collect())
    }

    /// What happened to it, waiting for that at most this long.
    pub fn happening(&self, wait: Duration) -> Option<Happening> {
        let wait = gst::ClockTime::try_from(wait).ok();
        let kinds = [gst::MessageType::Error, gst::MessageType::Element];
        let message = self.pipeline.bus()?.timed_pop_filtered(wait, &kinds)?;
        match message.view() {
            gst::MessageView::Error(error) => Some(Happening::Failed(error.error().message().to_owned())),
            gst::MessageView::Element(element) => element
                .structure()
                .filter(|structure| structure.name() == "simulcastenc-encoder")
                .map(|_| Happening::Chosen),
            _ => None,
        }
    }
}

/// What can happen to an encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// It chose, at the start or after a failure that it overcame by itself.
    Chosen,
    /// It failed for good.
    Failed(String),
}

impl Drop for Encoder {
    fn drop(&mut self) {
        if let Err(error) = self.pipeline.set_state(gst::State::Null) {
            tracing::warn!(%error, "the encoder did not stop cleanly");
        }
    }
}

/// Asks for keyframes; cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyframeRequests {
    bin: gst::Element,
}

impl KeyframeRequests {
    /// The next frame of this layer becomes an IDR.
    pub fn request(&self, layer: Layer) {
        let pad = match layer {
            Layer::High => "high_src",
            Layer::Low => "low_src",
        };
        let event = gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(true).build();
        if !self.bin.static_pad(pad).is_some_and(|pad| pad.send_event(event)) {
            tracing::warn!(%layer, "the encoder took no keyframe request");
        }
    }
}

/// The mixer's way into the encoder.
pub struct EncoderFeed {
    video: gst_app::AppSrc,
    audio: gst_app::AppSrc,
    ledger: Arc<Mutex<Ledger>>,
}

impl Feed for EncoderFeed {
    fn picture(&mut self, picture: &Picture, at: EngineTime, shot: Shot) {
        let mut buffer = picture.buffer.copy();
        let pts = clock_time(at);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(pts);
            buffer.set_dts(gst::ClockTime::NONE);
            buffer.set_duration(gst::ClockTime::NONE);
            // Where a shot begins `simulcastenc` takes the picture however soon it comes.
            buffer.set_flags(match shot {
                Shot::Begins => gst::BufferFlags::DISCONT,
                Shot::GoesOn => gst::BufferFlags::empty(),
            });
        }
        let entry = Entry { captured_us: picture.captured_us, encoder_in_us: wall_us() };
        lock(&self.ledger).note(MediaTime::from_nanos(pts.nseconds()), entry);
        // Refused only while the encoder is being replaced; the next one gets the next frame.
        let _refused = self.video.push_buffer(buffer);
    }

    fn sound(&mut self, frame: AudioFrame) {
        let bytes: Vec<u8> = frame.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(clock_time(frame.at));
            buffer.set_duration(gst::ClockTime::from_nseconds(FRAME as u64 * 1_000_000_000 / RATE));
        }
        // As above.
        let _refused = self.audio.push_buffer(buffer);
    }
}

fn clock_time(at: EngineTime) -> gst::ClockTime {
    gst::ClockTime::try_from(at).unwrap_or(gst::ClockTime::ZERO)
}

fn lock(ledger: &Mutex<Ledger>) -> std::sync::MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

fn video_caps() -> gst::Caps {
    let mut caps = picture::caps();
    caps.make_mut().set("framerate", gst::Fraction::new(0, 1));
    caps.make_mut().set("interlace-mode", "progressive");
    caps
}

fn audio_caps() -> gst::Caps {
    gst::Caps::builder("audio/x-raw")
        .field("format", "F32LE")
        .field("layout", "interleaved")
        .field("rate", RATE as i32)
        .field("channels", CHANNELS as i32)
        .field("channel-mask", gst::Bitmask::new(0x3))
        .build()
}

fn appsrc(name: &str, caps: &gst::Caps) -> gst_app::AppSrc {
    gst_app::AppSrc::builder()
        .name(name)
        .caps(caps)
        .format(gst::Format::Time)
        .is_live(true)
        .block(false)
        .max_buffers(WAITING)
        .leaky_type(gst_app::AppLeakyType::Downstream)
        .build()
}

fn appsink(
    name: &str,
    track: Track,
    layers: &'static [Layer],
    ledger: &Arc<Mutex<Ledger>>,
    on_unit: &OnUnit,
) -> gst_app::AppSink {
    let (ledger, on_unit) = (Arc::clone(ledger), Arc::clone(on_unit));
    let callbacks = gst_app::AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            if let Some(timed) = sample.buffer().and_then(|buffer| timed(buffer, track, &ledger)) {
                for layer in layers {
                    on_unit(*layer, timed.clone());
                }
            }
            Ok(gst::FlowSuccess::Ok)
        })
        .build();
    gst_app::AppSink::builder()
        .name(name)
        .sync(false)
        .async_(false)
        .enable_last_sample(false)
        .callbacks(callbacks)
        .build()
}

fn timed(buffer: &gst::BufferRef, track: Track, ledger: &Mutex<Ledger>) -> Option<Timed> {
    let pts = MediaTime::from_nanos(buffer.pts()?.nseconds());
    let data = Bytes::copy_from_slice(&buffer.map_readable().ok()?);
    let keyframe = track == Track::Video && !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
    let stages = match track {
        Track::Audio => None,
        Track::Video => lock(ledger).find(pts).map(|Entry { captured_us, encoder_in_us }| Stages {
            captured_us,
            encoder_in_us,
            encoder_out_us: wall_us(),
        }),
    };
    Some(Timed { unit: Unit { track, pts, data, keyframe }, stages })
}
