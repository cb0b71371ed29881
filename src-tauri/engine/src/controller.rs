//! All application logic of the director: what each command, source, push and word of the cloud leads to.
//!
//! Pure but for the [`Gui`] it tells: events in, actions out; no thread, socket or GStreamer. Refuses to touch what
//! is on air on account of the cloud, unless another director took over or the session ended. Invariant: the tally
//! follows the buses that the mixer reports, never a key.

mod air;
mod cloud;
mod command;
mod crew;
mod lamps;
mod near;
mod said;
mod settings;

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use returnfeed_protocol::{CueSheet, Epoch, Tally};
use returnfeed_tally::{Director, DirectorConfig, InputFact, SwitcherName};

pub use command::{Action, Command, ControllerConfig, Event, ShowSource, TallyConfig};
pub(crate) use said::kind;

use crate::gui::{Gui, Notice, ProgrammeMode};
use crate::inputs::CameraMap;
use crate::lan::LanEvent;
use crate::outputs::PageEvent;
use crate::sources::SourceNumber;
use air::{Air, Step};
use crew::Crew;
use settings::Settings;

/// The logic. See the module.
pub struct Controller<G> {
    gui: G,
    tally: Director,
    cameras: CameraMap,
    /// What each foreign switcher said last of its inputs.
    inputs: BTreeMap<SwitcherName, Vec<InputFact>>,
    labels: BTreeMap<SourceNumber, String>,
    crew: Crew,
    air: Air,
    settings: Settings,
    /// Who makes the programme, where we do not.
    beside: Option<SourceNumber>,
    /// When the cloud ends the session, everything ends.
    lives_by_the_cloud: bool,
    /// The newest notice of each kind, to be said again.
    said: BTreeMap<(u8, String), Notice>,
    actions: VecDeque<Action>,
    stopped: bool,
}

impl<G: Gui> Controller<G> {
    /// The logic of a show.
    pub fn new(config: ControllerConfig, gui: G, now: Instant) -> Self {
        let ControllerConfig { sources, tally: TallyConfig { cameras, green }, beside, switchers, cloud } =
            config;
        let plan = cameras.cameras(sources.iter().map(|source| source.number), &BTreeMap::new());
        let tally = DirectorConfig { epoch: Epoch(0), green, cameras: plan };
        let mut controller = Self {
            gui,
            tally: Director::new(tally, now)
                .unwrap_or_else(|refusal| unreachable!("a map has each camera once: {refusal}")),
            cameras,
            inputs: BTreeMap::new(),
            labels: sources.into_iter().map(|source| (source.number, source.label)).collect(),
            crew: Crew::new(),
            air: Air::new(),
            settings: Settings::default(),
            beside,
            lives_by_the_cloud: cloud.is_some(),
            said: BTreeMap::new(),
            actions: VecDeque::new(),
            stopped: false,
        };
        controller.say(Notice::Mode {
            mode: match beside {
                Some(source) => ProgrammeMode::Beside { source, switchers },
                None => ProgrammeMode::BuiltIn,
            },
        });
        if let Some(cloud) = cloud {
            let steps = controller.air.go_on(cloud, None);
            controller.step(steps);
        }
        controller.speak(now);
        controller
    }

    /// Something happened.
    pub fn handle_event(&mut self, event: Event, now: Instant) {
        match event {
            Event::Command(command) => self.command(command, now),
            Event::CommandRefused(reason) => self.gui.show(Notice::Refused { reason }),
            Event::Buses(buses, at) => self.buses(buses, at, now),
            Event::Transition(running) => self.say(Notice::Transition { running }),
            Event::KeyLoaded(loaded) => self.key_loaded(loaded),
            Event::Monitor(state) => self.say(Notice::Monitor { state }),
            Event::Recording(state) => self.say(Notice::Recording { state }),
            Event::Log(state) => self.say(Notice::Log { state }),
            Event::OffAir => {
                let steps = self.air.handle_off();
                self.step(steps);
            }
            Event::Switcher(switcher, event) => self.switcher(&switcher, event, now),
            Event::Output(output, state) => self.say(Notice::Output { output, state }),
            Event::Lan(event) => self.lan(event, now),
            Event::Page(event) => self.own_page(event, now),
            Event::Source(source, health) => {
                let label = self.labels.get(&source).cloned().unwrap_or_default();
                self.say(Notice::Source { source, label, state: health.into() });
            }
            Event::SourceLamp(source, lamp) => self.say(Notice::SourceLamp { source, lamp }),
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
            Command::Cut(source) => self.switch(Action::Cut(source)),
            Command::Preview(source) => self.switch(Action::Preview(source)),
            Command::Swap => self.switch(Action::Swap),
            Command::Auto(transition) => self.switch(Action::Auto(transition)),
            Command::Black { black, duration } => {
                self.actions.push_back(Action::Black { black, duration });
                self.say(Notice::Black { black });
            }
            Command::KeyPicture(picture) => self.load_key(picture),
            Command::Key(on) => self.key(on),
            Command::Sound(sound) => self.sound(sound),
            Command::Undo => self.undo(),
            Command::Record(on) => self.actions.push_back(Action::Record(on)),
            Command::GoOnAir { uplink, door } => match self.air.may_go_on(&uplink) {
                Ok(()) => {
                    let steps = self.air.go_on(uplink, Some(door));
                    self.step(steps);
                }
                Err(reason) => self.gui.show(Notice::Refused { reason }),
            },
            Command::GoOffAir => {
                let steps = self.air.go_off();
                self.step(steps);
            }
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

    fn lan(&mut self, event: LanEvent, now: Instant) {
        match event {
            LanEvent::State(state) => self.say(Notice::Lan { state }),
            LanEvent::Answer(page, answer) => self.actions.push_back(Action::LanAnswer(page, answer)),
            LanEvent::Shown(shown) => self.crew.handle_shown_near(shown, now),
            LanEvent::Path { page, proven } => {
                self.crew.handle_lan(page, proven, now);
                self.say(self.crew.presence());
            }
        }
    }

    fn own_page(&mut self, event: PageEvent, now: Instant) {
        match event {
            PageEvent::Shown(shown) => return self.crew.handle_shown(&[shown], now),
            PageEvent::Here { page, participant, camera } => {
                self.crew.handle_own(page, participant, camera, now)
            }
            PageEvent::Gone { page } => self.crew.handle_operator(page, None, now),
        }
        self.say(self.crew.presence());
    }

    fn step(&mut self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Show(state) => self.say(Notice::Air { state }),
                Step::Do(action) => self.actions.push_back(action),
            }
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

#[cfg(test)]
mod tests;
