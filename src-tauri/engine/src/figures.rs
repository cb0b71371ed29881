//! What changes with each frame, asked for by whoever draws it: levels, rates, how far a transition is.
//!
//! Refuses to be told: nobody pays for figures that nobody looks at.

use serde::Serialize;

use crate::sources::SourceNumber;
use crate::switch::Manner;

/// Loudness of the last tenth of a second, in dBFS: 0 is the loudest there is, [`Level::SILENCE`] none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Level {
    /// The highest sample.
    pub peak: f32,
    /// The mean power.
    pub rms: f32,
}

impl Level {
    /// Nothing is heard.
    pub const SILENCE: Self = Self { peak: -90.0, rms: -90.0 };
}

/// How a source does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SourceFigures {
    /// Which.
    pub source: SourceNumber,
    /// Frames that came in the last second.
    pub frames_per_second: u32,
    /// Frames that did not come where one was due, since the start.
    pub drop_outs: u64,
    /// Its sound.
    pub level: Level,
}

/// A transition that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Progress {
    /// In which manner.
    pub manner: Manner,
    /// How much of it is done.
    pub per_mille: u16,
}

/// All of it, as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Figures {
    /// The programme's sound.
    pub programme: Level,
    /// By number.
    pub sources: Vec<SourceFigures>,
    /// The transition that runs.
    pub transition: Option<Progress>,
    /// How much of the programme is faded to black.
    pub black_per_mille: u16,
}
