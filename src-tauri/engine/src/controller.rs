//! All application logic of the director: what each command, source, push and word of the cloud leads to.
//!
//! Pure but for the [`Gui`] it tells: events in, actions out; no thread, socket or GStreamer. Refuses to touch what
//! is on air on account of the cloud, unless another director took over or the session ended. Invariant: the tally
//! follows the buses that the mixer reports, never a key.

mod crew;

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use returnfeed_protocol::{
    CameraNumber, CloudToDirector, CueSheet, CueText, Epoch, Layer, Tally, TallyState,
};
use returnfeed_srt::{CallerEnd, Refusal};
use returnfeed_tally::{Director, DirectorConfig, GreenRule, InputFact, Lamps, SwitcherName};

use crate::gui::{CloudState, Gui, Notice, SwitcherState};
use crate::inputs::{BUILT_IN, CameraMap, InputEvent, mapped};
use crate::outputs::OutputState;
use crate::push::{PushEvent, PushFailure};
use crate::sources::{Health, SourceNumber, TallyLamp};
use crate::switch::Buses;
use crate::uplink::{Grant, UplinkEvent};
use crew::Crew;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Put a source on air.
    Cut(SourceNumber),
    /// Put a source on preview.
    Preview(SourceNumber),
    /// Show RED on these lamps for ten seconds, to see that they work.
    Test(Lamps),
    /// Say this to the operators of a camera, or to all; nothing: take back what was said to them.
    Cue {
        /// To whom.
        to: Option<CameraNumber>,
        /// What.
        text: Option<CueText>,
    },
    /// Whether every phone is silent.
    Silence(bool),
    /// Say who is ready and who needs attention.
    Readiness,
    /// Say who has shown what.
    Confirmations,
    /// Say everything again.
    Status,
    /// End.
    Quit,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A person asks.
    Command(Command),
    /// The mixer refused a command: there is no such source.
    CommandRefused(String),
    /// The buses changed, at the frame that shows it.
    Buses(Buses),
    /// A foreign switcher did or said something.
    Switcher(SwitcherName, InputEvent),
    /// An output of our lamps did something; it is named as it is shown.
    Output(String, OutputState),
    /// A source came or went.
    Source(SourceNumber, Health),
    /// The encoder works.
    Encoder {
        /// Its factory name.
        chosen: String,
        /// `name: verdict: reason`.
        candidates: Vec<String>,
    },
    /// The encoder failed; the shell builds it again.
    EncoderFailed(String),
    /// A push did something.
    Push(Layer, PushEvent),
    /// The uplink did something.
    Uplink(UplinkEvent),
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Tell the mixer.
    Cut(SourceNumber),
    /// Tell the mixer.
    Preview(SourceNumber),
    /// Light the lamp on the source itself.
    Lamp(SourceNumber, TallyLamp),
    /// Tell the cloud.
    Say(TallyState),
    /// Tell the operators, by the cloud.
    Cues(CueSheet),
    /// Ask the encoder.
    Keyframe(Layer),
    /// Push both layers there, and no longer anywhere else.
    Push(Grant),
    /// Ask the cloud for a new grant.
    Regrant,
    /// End everything, for this reason; none: a person asked.
    Stop(Option<String>),
}

/// A source of the show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowSource {
    /// Its key; source n feeds camera n.
    pub number: SourceNumber,
    /// Its name.
    pub label: String,
}

/// By what the tally is made.
#[derive(Debug, Clone, Default)]
pub struct TallyConfig {
    /// Which inputs feed which cameras.
    pub cameras: CameraMap,
    /// What GREEN means.
    pub green: GreenRule,
}

/// The logic. See the module.
pub struct Controller<G> {
    gui: G,
    tally: Director,
    cameras: CameraMap,
    /// What each foreign switcher said last of its inputs.
    inputs: BTreeMap<SwitcherName, Vec<InputFact>>,
    labels: BTreeMap<SourceNumber, String>,
    crew: Crew,
    /// The newest notice of each kind, to be said again.
    said: BTreeMap<(u8, String), Notice>,
    actions: VecDeque<Action>,
    stopped: bool,
}

impl<G: Gui> Controller<G> {
    /// The logic of a show of these sources.
    pub fn new(sources: &[ShowSource], tally: TallyConfig, gui: G, now: Instant) -> Self {
        let TallyConfig { cameras, green } = tally;
        let plan = cameras.cameras(sources.iter().map(|source| source.number), &BTreeMap::new());
        let config = DirectorConfig { epoch: Epoch(0), green, cameras: plan };
        let mut controller = Self {
            gui,
            tally: Director::new(config, now)
                .unwrap_or_else(|refusal| unreachable!("a map has each camera once: {refusal}")),
            cameras,
            inputs: BTreeMap::new(),
            labels: sources.iter().map(|source| (source.number, source.label.clone())).collect(),
            crew: Crew::new(),
            said: BTreeMap::new(),
            actions: VecDeque::new(),
            stopped: false,
        };
        controller.speak(now);
        controller
    }

    /// Something happened.
    pub fn handle_event(&mut self, event: Event, now: Instant) {
        match event {
            Event::Command(command) => self.command(command, now),
            Event::CommandRefused(reason) => self.gui.show(Notice::Refused { reason }),
            Event::Buses(buses) => self.buses(buses, now),
            Event::Switcher(switcher, event) => self.switcher(&switcher, event, now),
            Event::Output(output, state) => self.say(Notice::Output { output, state }),
            Event::Source(source, health) => {
                let label = self.labels.get(&source).cloned().unwrap_or_default();
                self.say(Notice::Source { source, label, state: health.into() });
            }
            Event::Encoder { chosen, candidates } => self.say(Notice::Encoder { chosen, candidates }),
            Event::EncoderFailed(reason) => self.gui.show(Notice::EncoderFailed { reason }),
            Event::Push(layer, event) => self.push(layer, event),
            Event::Uplink(event) => self.uplink(event, now),
        }
        self.speak(now);
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.tally.handle_timeout(now);
        self.crew.handle_timeout(now);
        self.show_lamps();
        self.speak(now);
    }

    /// When to call [`Self::handle_timeout`].
    pub fn poll_timeout(&self) -> Instant {
        let tally = self.tally.poll_timeout().0;
        self.crew.poll_timeout().map_or(tally, |crew| crew.min(tally))
    }

    /// What is to be done; drain to `None` after each mutation.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The last word before the end: every lamp unknown, because the director is gone.
    pub fn end(&mut self, now: Instant) {
        self.tally.end("the director has ended", now);
        self.speak(now);
    }

    fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Cut(source) => self.actions.push_back(Action::Cut(source)),
            Command::Preview(source) => self.actions.push_back(Action::Preview(source)),
            Command::Test(lamps) => {
                self.tally.test(lamps, Tally::Program, now);
                self.show_lamps();
            }
            Command::Cue { to, text } => {
                let sheet = self.crew.cue(to, text);
                self.say_cues(sheet);
            }
            Command::Silence(silent) => {
                let sheet = self.crew.silence(silent);
                self.say_cues(sheet);
            }
            Command::Readiness => self.gui.show(self.crew.readiness()),
            Command::Confirmations => self.gui.show(self.crew.confirmations()),
            Command::Status => self.say_again(),
            Command::Quit => self.stop(None),
        }
    }

    fn buses(&mut self, buses: Buses, now: Instant) {
        let Buses { programme, preview } = buses;
        let fact = |source: SourceNumber| InputFact {
            programme: source == programme,
            preview: Some(source) == preview,
            ..InputFact::new(Some(source.get()), "")
        };
        let inputs = self.labels.keys().copied().map(fact).collect();
        self.tally.handle_inputs(&SwitcherName::from(BUILT_IN), inputs, now);
        for source in self.labels.keys().copied() {
            let lamp = TallyLamp {
                programme: source == programme,
                preview: Some(source) == preview && source != programme,
            };
            self.actions.push_back(Action::Lamp(source, lamp));
        }
        self.say(Notice::Buses { programme, preview });
        self.show_lamps();
    }

    fn switcher(&mut self, switcher: &SwitcherName, event: InputEvent, now: Instant) {
        let name = switcher.to_string();
        match event {
            InputEvent::Connected { software } => {
                self.say(Notice::Switcher { switcher: name, state: SwitcherState::Heard { software } });
            }
            InputEvent::Lost { reason, retry_in } => {
                self.tally.handle_lost(switcher, reason.as_str(), now);
                let state = SwitcherState::Lost { reason, retry_in };
                self.say(Notice::Switcher { switcher: name, state });
            }
            InputEvent::Inputs(inputs) => {
                self.inputs.insert(switcher.clone(), inputs.clone());
                let plan = self.cameras.cameras(self.labels.keys().copied(), &self.inputs);
                if let Err(refusal) = self.tally.set_cameras(plan, now) {
                    unreachable!("a map has each camera once: {refusal}");
                }
                let mapped = mapped(switcher, &inputs, self.tally.cameras());
                self.tally.handle_inputs(switcher, inputs, now);
                self.say(Notice::Mapping { switcher: name, inputs: mapped });
            }
        }
        self.show_lamps();
    }

    fn show_lamps(&mut self) {
        self.say(Notice::Lamps { cameras: self.tally.lamps().to_vec() });
    }

    fn push(&mut self, layer: Layer, event: PushEvent) {
        if let PushEvent::Failed { failure: PushFailure::End(end), .. } = &event {
            match end {
                // The passphrase was changed at the cloud; the new one comes with a grant.
                CallerEnd::WrongPassphrase | CallerEnd::Refused(Refusal::KeyUnknown) => {
                    self.actions.push_back(Action::Regrant);
                }
                CallerEnd::Refused(refusal @ (Refusal::Superseded | Refusal::SessionEnded)) => {
                    self.stop(Some(refusal.to_string()));
                }
                CallerEnd::Refused(
                    Refusal::StreamIdNotUnderstood | Refusal::SessionUnknown | Refusal::Unavailable,
                )
                | CallerEnd::EncryptionRefused
                | CallerEnd::Full
                | CallerEnd::RefusedWithCode { .. }
                | CallerEnd::NoAnswer { .. }
                | CallerEnd::PeerGone
                | CallerEnd::PeerClosed
                | CallerEnd::NotOurKind
                | CallerEnd::ClosedHere => {}
            }
        }
        self.say(Notice::push(layer, event));
    }

    fn uplink(&mut self, event: UplinkEvent, now: Instant) {
        match event {
            UplinkEvent::Granted(grant) => {
                self.tally.begin_epoch(grant.0.epoch, now);
                self.crew.begin_epoch(grant.0.epoch);
                self.actions.push_back(Action::Push(grant));
            }
            UplinkEvent::Connected { session, software } => {
                self.crew.handle_welcome();
                self.tally.repeat(now);
                self.say(Notice::Cloud { state: CloudState::Connected { session, software } });
            }
            UplinkEvent::Down { reason, retry_in } => {
                self.crew.handle_absence();
                self.say(Notice::Cloud { state: CloudState::Absent { reason, retry_in } });
            }
            UplinkEvent::Ended { reason } => self.stop(Some(reason)),
            UplinkEvent::Heard(message) => self.heard(message, now),
        }
    }

    fn heard(&mut self, message: CloudToDirector, now: Instant) {
        match message {
            CloudToDirector::KeyframeRequest { layer } => self.actions.push_back(Action::Keyframe(layer)),
            CloudToDirector::Ingest { layer, ingest } => self.say(Notice::Ingest { layer, ingest }),
            CloudToDirector::Operator { page, presence } => {
                self.crew.handle_operator(page, presence, now);
                self.say(self.crew.presence());
            }
            CloudToDirector::Viewers { viewers } => {
                self.crew.handle_viewers(viewers);
                self.say(self.crew.presence());
            }
            CloudToDirector::Shown { shown } => self.crew.handle_shown(&shown, now),
            CloudToDirector::Delay { page, delay } => {
                if let Some(late) = self.crew.handle_delay(page, delay) {
                    self.gui.show(late);
                }
            }
            // The uplink acts on these itself.
            CloudToDirector::Welcome { .. }
            | CloudToDirector::ClockRequest { .. }
            | CloudToDirector::Bye { .. } => {}
        }
    }

    fn say_cues(&mut self, sheet: CueSheet) {
        self.say(Notice::Cues { sheet: sheet.clone() });
        self.actions.push_back(Action::Cues(sheet));
    }

    fn stop(&mut self, reason: Option<String>) {
        if !self.stopped {
            self.stopped = true;
            self.gui.show(Notice::Ended { reason: reason.clone().unwrap_or_default() });
            self.actions.push_back(Action::Stop(reason));
        }
    }

    /// Says what is new to the cloud, and what the crew showed of it to the person.
    fn speak(&mut self, now: Instant) {
        if let Some(word) = self.tally.poll_output() {
            self.crew.handle_word(&word, now);
            self.actions.push_back(Action::Say(word));
        }
        while let Some(lamp) = self.crew.poll_notice() {
            self.gui.show(lamp);
        }
    }

    /// The newest of everything; what each operator sees and how late has changed without a notice of who is there.
    fn say_again(&mut self) {
        self.gui.show(Notice::Status);
        for notice in self.said.values().cloned().collect::<Vec<_>>() {
            self.gui.show(match notice {
                Notice::Presence { .. } => self.crew.presence(),
                notice => notice,
            });
        }
    }

    /// Shows what is new, and remembers it to be said again.
    fn say(&mut self, notice: Notice) {
        let Some(kind) = kind(&notice) else { return self.gui.show(notice) };
        if self.said.get(&kind) != Some(&notice) {
            self.said.insert(kind, notice.clone());
            self.gui.show(notice);
        }
    }
}

/// What the newest notice replaces; `None`: it is an event and replaces nothing. Orders the status, too.
fn kind(notice: &Notice) -> Option<(u8, String)> {
    let whole = String::new;
    match notice {
        Notice::Encoder { .. } => Some((0, whole())),
        Notice::Source { source, .. } => Some((1, format!("{:03}", source.get()))),
        Notice::Buses { .. } => Some((2, whole())),
        Notice::Switcher { switcher, .. } => Some((3, switcher.clone())),
        Notice::Mapping { switcher, .. } => Some((4, switcher.clone())),
        Notice::Lamps { .. } => Some((5, whole())),
        Notice::Cloud { .. } => Some((6, whole())),
        Notice::Push { layer, .. } => Some((7, layer.to_string())),
        Notice::Ingest { layer, .. } => Some((8, layer.to_string())),
        Notice::Path { layer, .. } => Some((9, layer.to_string())),
        Notice::Presence { .. } => Some((10, whole())),
        Notice::Output { output, .. } => Some((11, output.clone())),
        Notice::Cues { .. } => Some((12, whole())),
        Notice::EncoderFailed { .. }
        | Notice::Lamp { .. }
        | Notice::Confirmations { .. }
        | Notice::Answered { .. }
        | Notice::Signal { .. }
        | Notice::Attention { .. }
        | Notice::Readiness { .. }
        | Notice::Delay { .. }
        | Notice::Status
        | Notice::Refused { .. }
        | Notice::Ended { .. } => None,
    }
}

#[cfg(test)]
mod tests;
