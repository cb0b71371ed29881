//! The show: which cameras there are, and by which inputs of which switchers each goes on air.
//!
//! Refuses a number that is there twice. Invariant: what [`ordered`] returns is in order of camera numbers.

use std::collections::BTreeSet;

use returnfeed_protocol::CameraNumber;

use crate::facts::SwitcherName;

/// An input, as the show means it: by number or by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputRef {
    /// Of which switcher.
    pub switcher: SwitcherName,
    /// Its number where the switcher numbers its inputs, else its name.
    pub input: String,
}

/// One way of a camera's picture to the air.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Feed {
    /// The input that carries the camera.
    pub input: InputRef,
    /// Where the switcher of that input is itself an input of others, those inputs: the camera is on air only
    /// while all of them are.
    pub through: Vec<InputRef>,
}

impl Feed {
    /// An input that goes on air by itself.
    pub fn of(switcher: impl Into<SwitcherName>, input: impl Into<String>) -> Self {
        Self { input: InputRef { switcher: switcher.into(), input: input.into() }, through: Vec::new() }
    }

    /// The same, on air only while this further input is.
    #[must_use]
    pub fn through(mut self, switcher: impl Into<SwitcherName>, input: impl Into<String>) -> Self {
        self.through.push(InputRef { switcher: switcher.into(), input: input.into() });
        self
    }

    /// Every input that must be on air.
    pub fn links(&self) -> impl Iterator<Item = &InputRef> {
        std::iter::once(&self.input).chain(&self.through)
    }
}

/// One camera of the show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraPlan {
    /// As painted on the camera.
    pub camera: CameraNumber,
    /// As the director wrote it.
    pub name: String,
    /// Any of these puts it on air; none: the camera is *not mapped*.
    pub feeds: Vec<Feed>,
}

/// What GREEN means in this show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GreenRule {
    /// On the preview bus.
    #[default]
    PreviewBus,
    /// The show is cut without a preview: every camera that is not RED.
    EveryOther,
}

/// A show that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// One number, two cameras.
    #[error("camera {camera} is in the show twice; give each camera its own number")]
    Twice {
        /// Which number.
        camera: CameraNumber,
    },
}

/// The same cameras in order of their numbers.
pub(crate) fn ordered(mut cameras: Vec<CameraPlan>) -> Result<Vec<CameraPlan>, PlanRefusal> {
    let mut seen = BTreeSet::new();
    if let Some(plan) = cameras.iter().find(|plan| !seen.insert(plan.camera)) {
        return Err(PlanRefusal::Twice { camera: plan.camera });
    }
    cameras.sort_by_key(|plan| plan.camera);
    Ok(cameras)
}
