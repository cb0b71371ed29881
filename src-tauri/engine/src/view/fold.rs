//! What each notice of the engine means to the view.

use returnfeed_protocol::{IngestState, Layer};

use super::{AnswerView, Link, Push, Said, SourceDoes, SourceView, SwitcherView, Uplink, View};
use crate::gui::{AirState, CloudState, LampState, LogState, Notice, PushState, SourceState};
use crate::sentence::Sentence;

/// Answers that are kept for the screen.
const ANSWERS: usize = 20;

impl View {
    /// The engine says this.
    pub fn handle(&mut self, notice: Notice) {
        match notice {
            Notice::Encoder { chosen, .. } => self.encoder = Some(chosen),
            Notice::EncoderFailed { reason } => self.refuse(Sentence::encoder_failed(reason)),
            Notice::Source { source, label, state } => self.source(source.get(), label, state),
            Notice::SourceLamp { source, lamp } => {
                if let Some(one) = self.sources.iter_mut().find(|one| one.number == source.get()) {
                    one.lamp = lamp;
                }
            }
            Notice::Buses { programme, preview, incoming, .. } => {
                self.programme = Some(programme.get());
                self.preview = preview.map(|source| source.get());
                self.incoming = incoming.map(|source| source.get());
            }
            Notice::Black { black } => self.black = black,
            Notice::Key { state } => self.key = state,
            Notice::Audio { settings } => self.sound = settings,
            Notice::Mode { mode } => self.mode = mode,
            Notice::Air { state } => self.air(state),
            Notice::Monitor { state } => self.monitor = state,
            Notice::Recording { state } => self.recording = state,
            Notice::Undo { change } => self.setting_undo = change,
            Notice::Switcher { switcher, state } => {
                put(&mut self.switchers, Link::of_switcher(switcher, state))
            }
            Notice::Output { output, state } => put(&mut self.outputs, Link::of_output(output, state)),
            Notice::OnAir { switcher, inputs } => self.heard(switcher).on_air = inputs,
            Notice::Mapping { switcher, inputs } => self.heard(switcher).inputs = inputs,
            Notice::Lan { state } => put(&mut self.outputs, Link::of_lan(state)),
            Notice::Lamps { cameras } => self.lamps = cameras,
            Notice::Push { layer, state } => {
                let push = self.push(layer);
                (push.connected, push.trouble) = match state {
                    PushState::Connecting => (false, push.trouble.take()),
                    PushState::Connected { .. } => (true, None),
                    PushState::Failed { reason, .. } => (false, Some(reason.into())),
                };
            }
            Notice::Path { layer, report } => {
                let push = self.push(layer);
                push.paths = push.paths.wrapping_add(1);
                push.path = Some(report.into());
            }
            Notice::Ingest { layer, ingest } => {
                let push = self.push(layer);
                push.arrives = matches!(ingest, IngestState::Receiving { .. });
                push.trouble = match ingest {
                    IngestState::Receiving { problems } => {
                        problems.into_iter().next().map(|one| one.detail.into())
                    }
                    IngestState::Refused { problem } => Some(problem.detail.into()),
                    IngestState::Absent => push.trouble.take(),
                };
            }
            Notice::Cloud { state } => {
                self.uplink = match state {
                    CloudState::Connected { .. } => Uplink::Connected,
                    CloudState::Absent { reason, .. } => Uplink::Absent { reason: reason.into() },
                };
            }
            Notice::Presence { operators, viewers } => {
                self.viewers = viewers;
                self.presence(operators);
            }
            Notice::Lamp { who, state, .. } => {
                if let Some(operator) = self.operator(&who) {
                    (operator.confirmed, operator.took_ms) = match state {
                        LampState::Shown { took, .. } => {
                            (true, took.and_then(|took| u64::try_from(took.as_millis()).ok()))
                        }
                        LampState::Missing { .. } | LampState::Unknown => (false, None),
                    };
                }
            }
            Notice::Attention { need } => self.need(need),
            Notice::Readiness { needs } => needs.into_iter().for_each(|need| self.need(need)),
            Notice::Answered { who, camera, text, answer } => {
                let n = self.answers.first().map_or(0, |newest| newest.n.wrapping_add(1));
                let text = String::from(text);
                self.answers.insert(0, AnswerView { n, name: who.name, camera, text, answer });
                self.answers.truncate(ANSWERS);
            }
            Notice::Signal { who, signal, .. } => {
                if let Some(operator) = self.operator(&who) {
                    operator.signal = signal;
                }
            }
            Notice::Cues { sheet } => self.cues = sheet,
            Notice::Delay { who, delay, .. } => {
                if let Some(operator) = self.operator(&who) {
                    operator.delay_ms = delay.map(|delay| delay.ms);
                }
            }
            Notice::Log { state: LogState::Stopped { reason } } => {
                self.refuse(Sentence::not_logged(reason));
            }
            Notice::Refused { reason } => self.refuse(reason),
            Notice::Ended { reason } if !reason.is_empty() => self.refuse(reason),
            Notice::Ended { .. }
            | Notice::Log { state: LogState::Running { .. } }
            | Notice::Transition { .. }
            | Notice::Confirmations { .. }
            | Notice::Status => {}
        }
    }

    /// The engine is gone, and with it all that it said.
    pub(crate) fn forget_engine(&mut self) {
        let old = std::mem::take(self);
        *self = Self {
            battery: old.battery,
            disk: old.disk,
            told: old.told,
            addresses: old.addresses,
            cloud: old.cloud,
            account: old.account,
            show: old.show,
            shows: old.shows,
            conflict: old.conflict,
            session: old.session,
            found: old.found,
            check: old.check,
            refused: old.refused,
            done: old.done,
            can_undo: old.can_undo,
            ..Self::default()
        };
    }

    /// The programme no longer goes to the cloud.
    pub(crate) fn forget_cloud(&mut self) {
        (self.pushes, self.uplink) = (Vec::new(), Uplink::Off);
        (self.operators, self.viewers) = (Vec::new(), 0);
    }

    /// Something cannot be done.
    pub(crate) fn refuse(&mut self, says: impl Into<Sentence>) {
        self.refused = Some(again(self.refused.as_ref(), says.into()));
    }

    /// Something was done that cannot be seen otherwise.
    pub(crate) fn tell(&mut self, says: impl Into<Sentence>) {
        self.done = Some(again(self.done.as_ref(), says.into()));
    }

    fn air(&mut self, state: AirState) {
        self.going = false;
        if let AirState::Off { reason } = &state {
            self.forget_cloud();
            if !reason.is_empty() {
                self.refuse(reason.clone());
            }
        }
        self.air = state;
    }

    fn source(&mut self, number: u16, label: String, state: SourceState) {
        let (state, reason) = match state {
            SourceState::Starting => (SourceDoes::Starting, None),
            SourceState::Live => (SourceDoes::Live, None),
            SourceState::Frozen => (SourceDoes::Frozen, None),
            SourceState::Lost { reason } => (SourceDoes::Lost, Some(reason.into())),
        };
        let camera = self
            .show
            .as_ref()
            .and_then(|open| open.show.sources.get(usize::from(number).checked_sub(1)?)?.camera);
        let lamp = self.sources.iter().find(|one| one.number == number).and_then(|one| one.lamp);
        let view = SourceView { number, label, camera, state, reason, lamp };
        match self.sources.iter_mut().find(|one| one.number == number) {
            Some(one) => *one = view,
            None => {
                self.sources.push(view);
                self.sources.sort_by_key(|one| one.number);
            }
        }
    }

    fn heard(&mut self, name: String) -> &mut SwitcherView {
        let at = self.heard.iter().position(|one| one.name == name).unwrap_or_else(|| {
            self.heard.push(SwitcherView { name, ..SwitcherView::default() });
            self.heard.len() - 1
        });
        &mut self.heard[at]
    }

    fn push(&mut self, layer: Layer) -> &mut Push {
        let at = self.pushes.iter().position(|push| push.layer == layer).unwrap_or_else(|| {
            let new = Push { layer, connected: false, trouble: None, arrives: false, path: None, paths: 0 };
            self.pushes.push(new);
            self.pushes.sort_by_key(|push| push.layer != Layer::High);
            self.pushes.iter().position(|push| push.layer == layer).unwrap_or_default()
        });
        &mut self.pushes[at]
    }
}

fn put(links: &mut Vec<Link>, link: Link) {
    match links.iter_mut().find(|one| one.name == link.name) {
        Some(one) => *one = link,
        None => links.push(link),
    }
}

fn again(before: Option<&Said>, says: Sentence) -> Said {
    Said { n: before.map_or(0, |said| said.n.wrapping_add(1)), says: says.into() }
}
