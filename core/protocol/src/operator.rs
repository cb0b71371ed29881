//! A camera operator's page as the director knows it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Answered, CameraNumber, Delay, Epoch, ParticipantId, Readiness, Signal, Tally, TallySequence};

/// One page among those that are or were connected to a session; never used again while the server runs. Two phones
/// of one operator are two pages.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct PageNumber(pub u64);

/// A page of a camera operator as the director sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct OperatorPresence {
    /// Who.
    pub participant: ParticipantId,
    /// As they named themselves.
    pub name: String,
    /// The tally light they follow.
    pub camera: Option<CameraNumber>,
    /// The camera number that they asked another to give up, until somebody has decided.
    #[serde(default)]
    pub asks: Option<CameraNumber>,
    /// What their page said last that it shows; absent until it said so.
    pub shows: Option<Tally>,
    /// How late the picture was on their screen when it was last said; absent where nobody can say.
    pub delay: Option<Delay>,
    /// What their phone can do now; absent until it said so.
    #[serde(default)]
    pub readiness: Option<Readiness>,
    /// What they say of their own accord.
    #[serde(default)]
    pub signal: Option<Signal>,
    /// What they said to the newest cue that they answered, while it stands.
    #[serde(default)]
    pub answered: Option<Answered>,
}

/// What a page shows: said once it is on the screen, not when it was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Acknowledgement {
    /// Which page.
    pub page: PageNumber,
    /// The tally light it follows.
    pub camera: CameraNumber,
    /// Which director run the word was of.
    pub epoch: Epoch,
    /// Which word.
    pub seq: TallySequence,
    /// What is on the screen.
    pub tally: Tally,
}
