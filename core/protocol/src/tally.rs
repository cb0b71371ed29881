//! The tally on the wire: state, never events. Any message may be lost; the next one heals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::CameraNumber;

/// Which director run speaks: claimed once per run, only ever larger, so that a stale director's word never
/// overwrites a newer one's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Epoch(pub u64);

/// Order of a director's words within its epoch. A repeat carries a new number: it is a new word.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct TallySequence(pub u64);

/// What a camera's lamp shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tally {
    /// RED: on air.
    Program,
    /// GREEN: next.
    Preview,
    /// Neither.
    Idle,
    /// Nobody can say; never shown as any colour above.
    Unknown,
}

/// Why a lamp shows what it shows; the page turns it into a sentence of its language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum TallyReason {
    /// The named input of the named switcher is on its programme bus.
    OnProgramme {
        /// The switcher, as the director named it.
        switcher: String,
        /// The input, as the switcher names it.
        input: String,
    },
    /// The named input of the named switcher is on its preview bus.
    OnPreview {
        /// The switcher, as the director named it.
        switcher: String,
        /// The input, as the switcher names it.
        input: String,
    },
    /// The show has no preview: every camera that is not on air is next.
    EveryOther,
    /// No switcher uses the camera now.
    NotInUse,
    /// No input of any switcher belongs to this camera number.
    NotMapped,
    /// The switcher cannot be heard.
    SwitcherLost {
        /// The switcher, as the director named it.
        switcher: String,
        /// What happened, in words.
        cause: String,
    },
    /// The switcher is heard and has no such input, or has not said anything of it yet.
    InputAbsent {
        /// The switcher, as the director named it.
        switcher: String,
        /// The input, as the show names it.
        input: String,
    },
    /// The director tests the lamp; it ends by itself.
    Test,
}

/// One camera's lamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct CameraLamp {
    /// Which camera.
    pub camera: CameraNumber,
    /// Its name in the show, as the director wrote it.
    pub name: String,
    /// What it shows.
    pub tally: Tally,
    /// Why.
    pub reason: TallyReason,
}

/// Every camera's lamp at one moment: the whole truth, each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct TallyState {
    /// Which director run.
    pub epoch: Epoch,
    /// Which of its words.
    pub seq: TallySequence,
    /// Ordered by camera number, each number at most once.
    pub cameras: Vec<CameraLamp>,
}

impl TallyState {
    /// Whether this word is newer than `other`: a later run, or a later word of the same run.
    pub fn supersedes(&self, other: &Self) -> bool {
        (self.epoch, self.seq) > (other.epoch, other.seq)
    }
}
