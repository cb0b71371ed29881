//! An operator's page, and what they answer.

use returnfeed_protocol::{CameraNumber, CueAnswer, LanPath, OperatorPresence, ParticipantId, Signal, Tally};
use serde::Serialize;

use super::View;
use crate::gui::{Need, Operator};

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

impl View {
    /// Who is there now; what was known beside of those who stay is kept.
    pub(super) fn presence(&mut self, present: Vec<OperatorPresence>) {
        let mut before = std::mem::take(&mut self.operators);
        self.operators = present
            .into_iter()
            .map(|one| {
                let known = before.iter().position(|each| each.participant == one.participant);
                let known = known.map(|at| before.swap_remove(at));
                operator(one, known)
            })
            .collect();
    }

    pub(super) fn operator(&mut self, who: &Operator) -> Option<&mut OperatorView> {
        self.operators.iter_mut().find(|one| one.participant == who.participant)
    }

    pub(super) fn need(&mut self, need: Need) {
        if let Some(operator) = self.operator(&need.who) {
            operator.concerns = need.concerns.iter().map(|concern| concern.as_str()).collect();
        }
    }
}

fn operator(presence: OperatorPresence, known: Option<OperatorView>) -> OperatorView {
    let same_camera = known.as_ref().is_some_and(|known| known.camera == presence.camera);
    let known = known.as_ref();
    OperatorView {
        participant: presence.participant,
        name: presence.name,
        camera: presence.camera,
        shows: presence.shows,
        confirmed: same_camera && known.is_some_and(|known| known.confirmed),
        took_ms: known.and_then(|known| known.took_ms),
        delay_ms: presence.delay.map(|delay| delay.ms),
        battery: presence.readiness.and_then(|readiness| readiness.battery).map(|battery| battery.percent),
        lan: presence.readiness.and_then(|readiness| readiness.lan),
        concerns: known.map(|known| known.concerns.clone()).unwrap_or_default(),
        signal: presence.signal,
    }
}
