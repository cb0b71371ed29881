//! Which lines a notice makes. Pure.
//!
//! Invariant: a state is written when it changes, and not when it is said again.

use std::collections::BTreeMap;

use returnfeed_protocol::{CameraLamp, CameraNumber, OperatorPresence, ParticipantId, Tally, TallyReason};
use returnfeed_report::{Effect, Happening, Health, Manner};

use crate::gui::{AirState, CloudState, LampState, Notice, RecordingState, SourceState, SwitcherState};
use crate::switch;

/// What was said last of whatever comes and goes.
#[derive(Debug, Default)]
pub(super) struct Ears {
    cloud: Option<bool>,
    on_air: bool,
    switchers: BTreeMap<String, bool>,
    sources: BTreeMap<u16, bool>,
    operators: BTreeMap<ParticipantId, (String, Option<CameraNumber>)>,
    lamps: BTreeMap<CameraNumber, (Tally, bool)>,
    file: Option<String>,
    ended: bool,
}

impl Ears {
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn hear(&mut self, notice: &Notice) -> Vec<Happening> {
        match notice {
            Notice::Buses { programme, preview, incoming, .. } => vec![Happening::Buses {
                programme: programme.get(),
                preview: preview.map(|source| source.get()),
                incoming: incoming.map(|source| source.get()),
            }],
            Notice::Transition { running } => vec![Happening::Transition { running: running.map(effect) }],
            Notice::OnAir { switcher, inputs } => {
                vec![Happening::OnAir { switcher: switcher.clone(), inputs: inputs.clone() }]
            }
            Notice::Black { black } => vec![Happening::Black { black: *black }],
            Notice::Recording { state } => self.recording(state).into_iter().collect(),
            Notice::Air { state } => self.air(state).into_iter().collect(),
            Notice::Cloud { state } => {
                let health = match state {
                    CloudState::Connected { .. } => Health::UP,
                    CloudState::Absent { reason, .. } => Health::down(&**reason),
                };
                let news = self.cloud.replace(health.up) != Some(health.up);
                news.then_some(Happening::Cloud { health }).into_iter().collect()
            }
            Notice::Switcher { switcher, state } => {
                let health = match state {
                    SwitcherState::Heard { .. } => Health::UP,
                    SwitcherState::Lost { reason, .. } => Health::down(&**reason),
                };
                let news = self.switchers.insert(switcher.clone(), health.up) != Some(health.up);
                let switcher = switcher.clone();
                news.then_some(Happening::Switcher { switcher, health }).into_iter().collect()
            }
            Notice::Source { source, state, .. } => self.source(source.get(), state).into_iter().collect(),
            Notice::Presence { operators, .. } => self.presence(operators),
            Notice::Lamps { cameras } => cameras.iter().filter_map(|lamp| self.lamp(lamp)).collect(),
            Notice::Lamp { page, who, camera, state } => {
                let (page, name, camera) = (*page, who.name.clone(), *camera);
                vec![match *state {
                    LampState::Shown { tally, took } => {
                        let took_ms = took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
                        Happening::Shown { page, name, camera, tally, took_ms }
                    }
                    LampState::Missing { tally } => Happening::Missing { page, name, camera, tally },
                    LampState::Unknown => Happening::ShowsUnknown { page, name, camera },
                }]
            }
            Notice::Ended { reason } => {
                self.ended = true;
                vec![Happening::End { reason: reason.clone() }]
            }
            Notice::Encoder { .. }
            | Notice::EncoderFailed { .. }
            | Notice::Key { .. }
            | Notice::Audio { .. }
            | Notice::Mode { .. }
            | Notice::Undo { .. }
            | Notice::Mapping { .. }
            | Notice::Output { .. }
            | Notice::SourceLamp { .. }
            | Notice::Lan { .. }
            | Notice::Push { .. }
            | Notice::Path { .. }
            | Notice::Ingest { .. }
            | Notice::Confirmations { .. }
            | Notice::Answered { .. }
            | Notice::Signal { .. }
            | Notice::Attention { .. }
            | Notice::Readiness { .. }
            | Notice::Cues { .. }
            | Notice::Delay { .. }
            | Notice::Log { .. }
            | Notice::Monitor { .. }
            | Notice::Status
            | Notice::Refused { .. } => Vec::new(),
        }
    }

    /// It is told each minute how much room the disk has: only a file's beginning is one.
    fn recording(&mut self, state: &RecordingState) -> Option<Happening> {
        match state {
            RecordingState::Running { file, began, .. } => {
                let news = self.file.replace(file.clone()).as_ref() != Some(file);
                let began_us = u64::try_from(began.as_micros()).unwrap_or(u64::MAX);
                news.then(|| Happening::Recording { file: file.clone(), began_us })
            }
            RecordingState::Off => self.file.take().map(|_| Happening::RecordingEnded { reason: None }),
            RecordingState::Stopped { reason } => {
                self.file.take().map(|_| Happening::RecordingEnded { reason: Some(reason.clone()) })
            }
        }
    }

    fn air(&mut self, state: &AirState) -> Option<Happening> {
        let on = match state {
            AirState::On { .. } => true,
            AirState::Starting { .. } | AirState::Stopping => return None,
            AirState::Off { .. } => false,
        };
        if !on {
            // Nobody asks for the cloud any more, so nobody misses it.
            self.cloud = None;
        }
        (std::mem::replace(&mut self.on_air, on) != on).then_some(Happening::Air { on })
    }

    fn source(&mut self, source: u16, state: &SourceState) -> Option<Happening> {
        let health = match state {
            SourceState::Starting => return None,
            SourceState::Live => Health::UP,
            SourceState::Frozen => Health::down("no frame arrives"),
            SourceState::Lost { reason } => Health::down(&**reason),
        };
        let news = self.sources.insert(source, health.up) != Some(health.up);
        news.then_some(Happening::Source { source, health })
    }

    /// Two pages of one operator are one operator.
    fn presence(&mut self, operators: &[OperatorPresence]) -> Vec<Happening> {
        let now: BTreeMap<_, _> =
            operators.iter().map(|one| (one.participant, (one.name.clone(), one.camera))).collect();
        let before = std::mem::replace(&mut self.operators, now.clone());
        let line =
            |(participant, (name, camera)), here| Happening::Operator { participant, name, camera, here };
        let gone = before.iter().filter(|(who, _)| !now.contains_key(who));
        let gone = gone.map(|(who, what)| line((*who, what.clone()), false));
        let new = now.iter().filter(|(who, what)| before.get(who) != Some(*what));
        let new = new.map(|(who, what)| line((*who, what.clone()), true));
        gone.chain(new).collect()
    }

    fn lamp(&mut self, CameraLamp { camera, name, tally, reason }: &CameraLamp) -> Option<Happening> {
        let test = matches!(reason, TallyReason::Test);
        let news = self.lamps.insert(*camera, (*tally, test)) != Some((*tally, test));
        news.then(|| Happening::Lamp { camera: *camera, name: name.clone(), tally: *tally, test })
    }
}

fn effect(transition: switch::Transition) -> Effect {
    Effect {
        manner: match transition.manner {
            switch::Manner::Mix => Manner::Mix,
            switch::Manner::Wipe => Manner::Wipe,
        },
        duration_ms: u64::try_from(transition.duration.as_millis()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use returnfeed_protocol::PageNumber;

    use super::*;
    use crate::gui::Operator;
    use crate::sources::SourceNumber;

    fn operator(id: &str, camera: u16) -> OperatorPresence {
        OperatorPresence {
            participant: format!("0193a7e0-0000-7000-8000-00000000000{id}").parse().unwrap(),
            name: "Ada".to_owned(),
            camera: CameraNumber::try_from(camera).ok(),
            asks: None,
            shows: None,
            delay: None,
            readiness: None,
            signal: None,
            answered: None,
        }
    }

    #[test]
    fn what_is_said_again_makes_no_second_line() {
        let mut ears = Ears::default();
        let mut lines = |notice: &Notice| ears.hear(notice).len();
        let retry_in = Duration::from_secs(1);
        let absent =
            |reason: &str| Notice::Cloud { state: CloudState::Absent { reason: reason.into(), retry_in } };
        assert_eq!([lines(&absent("no route")), lines(&absent("refused"))], [1, 0]);
        let lost = SourceState::Lost { reason: "the cable is out".into() };
        let source = |state| Notice::Source { source: SourceNumber::at(0), label: String::new(), state };
        let told = [
            lines(&source(SourceState::Starting)),
            lines(&source(lost)),
            lines(&source(SourceState::Frozen)),
        ];
        assert_eq!(told, [0, 1, 0]);
        let running = |free_bytes| Notice::Recording {
            state: RecordingState::Running { file: "a.mkv".into(), free_bytes, began: retry_in },
        };
        assert_eq!([lines(&running(9)), lines(&running(8))], [1, 0]);
        let off = Notice::Recording { state: RecordingState::Off };
        assert_eq!([lines(&off), lines(&off)], [1, 0]);
    }

    #[test]
    fn an_operator_comes_once_changes_cameras_and_goes() {
        let mut ears = Ears::default();
        let mut lines = |operators: &[OperatorPresence]| {
            let notice = Notice::Presence { operators: operators.to_vec(), viewers: 0 };
            let told = ears.hear(&notice).into_iter().map(|line| match line {
                Happening::Operator { camera, here, .. } => (camera.map(CameraNumber::get), here),
                other => panic!("{other:?}"),
            });
            told.collect::<Vec<_>>()
        };
        assert_eq!(lines(&[operator("1", 1)]), [(Some(1), true)]);
        // A second phone of the same person.
        assert_eq!(lines(&[operator("1", 1), operator("1", 1)]), []);
        assert_eq!(lines(&[operator("1", 2), operator("2", 1)]), [(Some(2), true), (Some(1), true)]);
        assert_eq!(lines(&[operator("2", 1)]), [(Some(2), false)]);
    }

    #[test]
    fn a_page_is_logged_with_what_it_shows_and_how_long_that_took() {
        let who = Operator { participant: operator("1", 1).participant, name: "Ada".to_owned() };
        let camera = CameraNumber::try_from(1).unwrap();
        let state = LampState::Shown { tally: Tally::Program, took: Some(Duration::from_micros(31_900)) };
        let heard = Ears::default().hear(&Notice::Lamp { page: PageNumber(4), who, camera, state });
        let (page, name) = (PageNumber(4), "Ada".to_owned());
        assert_eq!(
            heard,
            [Happening::Shown { page, name, camera, tally: Tally::Program, took_ms: Some(31) }]
        );
    }
}
