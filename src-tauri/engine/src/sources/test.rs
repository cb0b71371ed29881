//! A moving picture and a tone that need no camera, told apart by number.
//!
//! Refuses to be late: a frame is painted at the moment it is due. Invariant: 60 frames a second by the engine's
//! clock, and with marks, the stamp is of the moment of painting.

use std::time::Duration;

use gst::prelude::*;

use super::tail::{Tails, mark_arrival};
use super::{Built, Marks, SourceNumber, Trouble, broken, element};
use crate::clock::{EngineClock, wall_us};
use crate::picture;
use crate::picture::test::TestPicture;

/// Loudness of the tone: -20 dBFS.
const LEVEL: f64 = 0.1;
/// Samples of one buffer of tone: 10 ms.
const TONE_BUFFER: i32 = 480;

pub(super) fn build(
    number: SourceNumber,
    marks: Marks,
    clock: &EngineClock,
    tails: &Tails,
) -> Result<Built, Trouble> {
    let pipeline = gst::Pipeline::new();
    let parent: &gst::Bin = pipeline.upcast_ref();
    let beat = element("videotestsrc", "gstreamer1.0-plugins-base")?;
    beat.set_property("is-live", true);
    beat.set_property_from_str("pattern", "black");
    let mut caps = picture::caps();
    caps.make_mut().set("framerate", gst::Fraction::new(60, 1));
    let filter = capsfilter(&caps)?;
    let mut chain = vec![beat.clone(), filter];
    if marks.stamp || marks.flash {
        let stamp = element("framestamp", "the engine again: its clock plugin did not register")?;
        stamp.set_property("flash", marks.flash);
        chain.push(stamp);
    }
    paint(&beat, TestPicture::new(number), clock);
    link(parent, &chain, &tails.picture(parent, false)?)?;

    let tone = element("audiotestsrc", "gstreamer1.0-plugins-base")?;
    tone.set_property("is-live", true);
    tone.set_property("samplesperbuffer", TONE_BUFFER);
    tone.set_property("volume", if marks.flash { 0.0 } else { LEVEL });
    tone.set_property("freq", frequency(number));
    let caps = gst::Caps::builder("audio/x-raw")
        .field("format", "F32LE")
        .field("rate", 48_000)
        .field("channels", 2)
        .build();
    let mut chain = vec![tone, capsfilter(&caps)?];
    if marks.flash {
        chain.push(element("framestamptone", "the engine again: its clock plugin did not register")?);
    }
    link(parent, &chain, &tails.sound(parent, false)?)?;
    Ok(Built { pipeline, loops: false, heals_itself: false, tally: None })
}

/// Puts the test picture into each frame as it leaves the source that beats the time.
fn paint(beat: &gst::Element, picture: TestPicture, clock: &EngineClock) {
    let started = clock.now();
    let clock = clock.clone();
    let Some(pad) = beat.static_pad("src") else { return };
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        if let Some(buffer) = info.buffer_mut() {
            let now = wall_us();
            let since: Duration = clock.now().saturating_sub(started);
            let mut painted = gst::Buffer::from_mut_slice(picture.frame(since, now));
            if let Some(painted) = painted.get_mut() {
                painted.set_pts(buffer.pts());
                painted.set_duration(buffer.duration());
                mark_arrival(painted, now);
            }
            *buffer = painted;
        }
        gst::PadProbeReturn::Ok
    });
}

/// A pentatonic ladder: neighbours are told apart, and several together do not hurt.
fn frequency(number: SourceNumber) -> f64 {
    const STEPS: [f64; 5] = [1.0, 9.0 / 8.0, 5.0 / 4.0, 3.0 / 2.0, 5.0 / 3.0];
    let index = number.index();
    330.0 * STEPS[index % STEPS.len()] * f64::from(1u32 << (index / STEPS.len()).min(3))
}

fn capsfilter(caps: &gst::Caps) -> Result<gst::Element, Trouble> {
    let filter = element("capsfilter", "gstreamer1.0")?;
    filter.set_property("caps", caps);
    Ok(filter)
}

/// Adds a chain and links it to a tail.
pub(super) fn link(parent: &gst::Bin, chain: &[gst::Element], tail: &gst::Pad) -> Result<(), Trouble> {
    parent.add_many(chain).map_err(broken)?;
    gst::Element::link_many(chain).map_err(broken)?;
    let last = chain.last().and_then(|last| last.static_pad("src")).ok_or_else(|| broken("no src pad"))?;
    last.link(tail).map_err(broken)?;
    Ok(())
}
