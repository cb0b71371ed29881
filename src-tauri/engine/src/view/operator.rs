//! An operator's page, and what they answer.

use returnfeed_protocol::{CameraNumber, CueAnswer, LanPath, ParticipantId, Signal, Tally};
use serde::Serialize;

/// An operator's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OperatorView {
    /// Who.
    pub participant: ParticipantId,
    /// As they named themselves; may be empty.
    pub name: String,
    /// The tally light they follow.
    pub camera: Option<CameraNumber>,
    /// What is on their screen; absent until they said so.
    pub shows: Option<Tally>,
    /// Whether they confirmed what their lamp is now.
    pub confirmed: bool,
    /// From the change to their answer.
    pub took_ms: Option<u64>,
    /// How late the picture is there.
    pub delay_ms: Option<u32>,
    /// Charge in percent.
    pub battery: Option<u8>,
    /// Whether they hear us on the local network too.
    pub lan: Option<LanPath>,
    /// What to see to, by code, the worst first; empty: ready.
    pub concerns: Vec<&'static str>,
    /// What they say of their own accord.
    pub signal: Option<Signal>,
}

/// An operator's answer to a cue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AnswerView {
    /// Counts them, as a key for lists.
    pub n: u32,
    /// Who.
    pub name: String,
    /// Which camera they follow.
    pub camera: Option<CameraNumber>,
    /// What they were asked.
    pub text: String,
    /// What they say.
    pub answer: CueAnswer,
}
