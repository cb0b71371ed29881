//! The proof of an encoder: both layers encode ten moving pictures, here and now.
//!
//! It refuses an encoder that keeps a picture back, changes its time, ignores a request for a key frame, gives a
//! profile browsers do not decode, or does not answer in time. Invariant: it ends within its limit even if the
//! encoder hangs; the hung thread is left behind and named in the log.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use gst::prelude::*;

use super::candidate::Candidate;
use super::encoder::{self, Unbuildable};
use super::plan::{LayerName, LayerPlan};
use super::unit::Unit;

const PICTURES: u64 = 10;
/// The picture whose key frame is asked for.
const ASKED: u64 = 6;
/// Opening a session on a cold graphics card takes a second or two.
const LIMIT: Duration = Duration::from_secs(6);
const ONE_PICTURE: gst::ClockTime = gst::ClockTime::from_seconds(3);

/// Why a candidate was passed over.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Unbuildable(#[from] Unbuildable),
    #[error("present, but cannot encode here: {0}")]
    Fails(String),
    #[error("{layer}: picture {picture} did not come out before the next went in")]
    Keeps { layer: &'static str, picture: u64 },
    #[error("{layer}: picture {picture} came out at another time than it went in")]
    Retimes { layer: &'static str, picture: u64 },
    #[error("{layer}: picture {picture} should {not}be a key frame with its parameter sets")]
    KeyFrame { layer: &'static str, picture: u64, not: &'static str },
    #[error("{layer}: its profile is not constrained baseline ({found})")]
    Profile { layer: &'static str, found: String },
    #[error("{layer}: uses B slices")]
    BSlices { layer: &'static str },
}

/// Proves `candidate` on both layers at once; the answer says what was seen, or why it is passed over.
pub(crate) fn prove(candidate: &'static Candidate, plans: [LayerPlan; 2]) -> Result<String, String> {
    let (tell, hear) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name(format!("trial-{}", candidate.factory));
    thread
        .spawn(move || {
            // Nobody listens any more once the limit has passed.
            let _ = tell.send(run(candidate, plans));
        })
        .map_err(|error| format!("no thread for its trial: {error}"))?;
    match hear.recv_timeout(LIMIT) {
        Ok(Ok(took)) => {
            Ok(format!("{PICTURES} pictures in both layers, one in one out, in {} ms", took.as_millis()))
        }
        Ok(Err(refused)) => Err(refused.to_string()),
        Err(_) => Err(format!("present, but did not answer within {} s", LIMIT.as_secs())),
    }
}

fn run(candidate: &'static Candidate, plans: [LayerPlan; 2]) -> Result<Duration, Refused> {
    let begin = Instant::now();
    let pipeline = gst::Pipeline::new();
    let bench = Bench { pipeline: pipeline.clone() };
    let mut lanes = Vec::new();
    for plan in plans {
        lanes.push(Lane::build(&pipeline, candidate, plan)?);
    }
    pipeline.set_state(gst::State::Playing).map_err(|_| bench.fault("does not start"))?;
    for picture in 0..PICTURES {
        for lane in &lanes {
            lane.feed(picture).map_err(|_| bench.fault("takes no pictures"))?;
        }
        for lane in &lanes {
            lane.check(picture, &bench)?;
        }
    }
    Ok(begin.elapsed())
}

/// Ends the trial's pipeline whichever way the trial ends.
struct Bench {
    pipeline: gst::Pipeline,
}

impl Bench {
    /// What the encoder itself said on the bus, or `otherwise`.
    fn fault(&self, otherwise: &str) -> Refused {
        let said = self.pipeline.bus().and_then(|bus| bus.pop_filtered(&[gst::MessageType::Error]));
        let sentence = said.and_then(|message| match message.view() {
            gst::MessageView::Error(error) => {
                // The last line of the details is the reason; those before it are places in C files.
                let details = error.debug().and_then(|debug| debug.lines().last().map(str::to_owned));
                Some(details.unwrap_or_else(|| error.error().to_string()))
            }
            _ => None,
        });
        Refused::Fails(sentence.unwrap_or_else(|| otherwise.to_owned()))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A pipeline that does not even stop is the encoder's fault and was refused for it already.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// One layer of the trial.
struct Lane {
    plan: LayerPlan,
    input: gst_app::AppSrc,
    output: gst_app::AppSink,
    bin: gst::Bin,
}

impl Lane {
    fn build(pipeline: &gst::Pipeline, candidate: &Candidate, plan: LayerPlan) -> Result<Self, Refused> {
        let bin = encoder::build(candidate, &plan)?;
        let from = LayerName::High.plan(0);
        let caps = gst::Caps::builder("video/x-raw")
            .field("format", "I420")
            .field("width", from.width)
            .field("height", from.height)
            .field("framerate", gst::Fraction::new(plan.max_fps as i32, 1))
            .build();
        let input = gst_app::AppSrc::builder().caps(&caps).format(gst::Format::Time).build();
        let output = gst_app::AppSink::builder().sync(false).async_(false).build();
        let misfit = |error: gst::glib::BoolError| Refused::Fails(error.message.to_string());
        let chain = [input.upcast_ref::<gst::Element>(), bin.upcast_ref(), output.upcast_ref()];
        pipeline.add_many(chain).map_err(misfit)?;
        gst::Element::link_many(chain).map_err(misfit)?;
        Ok(Self { plan, input, output, bin })
    }

    fn time(&self, picture: u64) -> gst::ClockTime {
        gst::ClockTime::from_nseconds(picture * 1_000_000_000 / u64::from(self.plan.max_fps))
    }

    fn feed(&self, picture: u64) -> Result<(), gst::FlowError> {
        if picture == ASKED {
            encoder::ask_key_frame(&self.bin);
        }
        let mut buffer = gst::Buffer::from_mut_slice(moving_picture(picture));
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(self.time(picture));
        }
        self.input.push_buffer(buffer).map(|_| ())
    }

    fn check(&self, picture: u64, bench: &Bench) -> Result<(), Refused> {
        let layer = self.plan.layer.name();
        let Some(sample) = self.output.try_pull_sample(ONE_PICTURE) else {
            return match bench.fault("") {
                Refused::Fails(nothing) if nothing.is_empty() => Err(Refused::Keeps { layer, picture }),
                refused => Err(refused),
            };
        };
        let segment = sample.segment().and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
        let buffer = sample.buffer();
        let at = segment.zip(buffer).and_then(|(segment, buffer)| segment.to_running_time(buffer.pts()));
        if at != Some(self.time(picture)) {
            return Err(Refused::Retimes { layer, picture });
        }
        let map = buffer.and_then(|buffer| buffer.map_readable().ok());
        let unit = map.map(|map| Unit::look(&map)).unwrap_or_default();
        let wanted = picture == 0 || picture == ASKED;
        let whole = unit.idr && unit.pps && unit.sps.is_some();
        if wanted && !whole || !wanted && unit.idr {
            return Err(Refused::KeyFrame { layer, picture, not: if wanted { "" } else { "not " } });
        }
        if wanted && !unit.is_for_browsers() {
            return Err(Refused::Profile { layer, found: format!("{:?}", unit.sps) });
        }
        if unit.b_slice {
            return Err(Refused::BSlices { layer });
        }
        Ok(())
    }
}

/// A slope that moves by three pixels with each picture: 640x360 I420.
fn moving_picture(picture: u64) -> Vec<u8> {
    let shift = (picture * 3) as usize;
    let luma = (0..360).flat_map(|y| (0..640).map(move |x| (16 + (x + 2 * y + shift) % 220) as u8));
    luma.chain(std::iter::repeat_n(128, 640 * 360 / 2)).collect()
}
