//! The switcher's inputs: each its own GStreamer pipeline on its own thread, so that what fails fails alone.
//!
//! `spec` reads what the person wrote, `health` decides, `keeper` watches, `runner` holds the pipeline; one file for each
//! kind builds it.

mod file;
mod health;
mod keeper;
mod lamp;
mod ndi;
mod runner;
mod spec;
mod tail;
mod test;
mod v4l2;

pub use health::{FROZEN_AFTER, Health};
pub use keeper::{OnHealth, OnLamp, Source, SourceConfig};
pub use lamp::{LampEcho, TallyLamp};
pub use spec::{SourceNumber, SourceSpec, SourceSpecError};

use crate::clock::EngineClock;
use crate::sentence::Sentence;

/// What a test source adds for those who measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The time of each frame's making, in its picture.
    pub stamp: bool,
    /// A flash and a beep at each full second, for lip sync.
    pub flash: bool,
}

/// Why a source could not be opened: a sentence for slate and screen.
type Trouble = Sentence;

/// A pipeline ready to be started, and what it needs while it runs.
struct Built {
    pipeline: gst::Pipeline,
    /// Played in a loop from its beginning.
    loops: bool,
    /// Waits by itself for the other side to come back.
    heals_itself: bool,
    /// Told its tally: the NDI element.
    tally: Option<gst::Element>,
}

/// Builds the pipeline of a source.
fn build(
    number: SourceNumber,
    spec: &SourceSpec,
    marks: Marks,
    clock: &EngineClock,
    tails: &tail::Tails,
) -> Result<Built, Trouble> {
    let built = match spec {
        SourceSpec::Test => test::build(number, marks, clock, tails),
        SourceSpec::File(path) => file::build(path, tails),
        SourceSpec::V4l2(device) => v4l2::build(device, tails),
        SourceSpec::NdiName(name) => ndi::build(ndi::By::Name(name), tails),
        SourceSpec::NdiUrl(address) => ndi::build(ndi::By::Url(*address), tails),
    }?;
    clock.rule(&built.pipeline);
    Ok(built)
}

/// Makes an element, or says which package it is missing from.
fn element(factory: &str, package: &str) -> Result<gst::Element, Trouble> {
    gst::ElementFactory::make(factory).build().map_err(|_| Sentence::element_missing(factory, package))
}

/// GStreamer's refusals while a pipeline is put together: never a person's doing.
fn broken(error: impl std::fmt::Display) -> Trouble {
    Sentence::pipeline_broken(error)
}
