//! Whether the programme goes to a session of a cloud, whatever is pressed in whatever order. Pure.
//!
//! Refuses to wait for the cloud with a press: what is wanted is remembered, and done when it can be. Invariant: an
//! uplink is opened once for each closing.

use std::sync::Arc;

use super::Action;
use crate::gui::{AirState, Door};
use crate::sentence::Sentence;
use crate::uplink::UplinkConfig;

/// What follows from a press or an event.
#[derive(Debug)]
pub(super) enum Step {
    /// Tell the person.
    Show(AirState),
    /// Do it.
    Do(Action),
}

/// What a person wants: whereto, and for whom; no door: as the session stands.
#[derive(Debug, Clone)]
struct Wish {
    uplink: Arc<UplinkConfig>,
    door: Option<Door>,
}

#[derive(Debug)]
enum State {
    Off,
    Open {
        wish: Wish,
        connected: bool,
        /// The door that the cloud has.
        said: Option<Door>,
    },
    Closing {
        /// What to do once it is closed.
        then: Option<Wish>,
        /// Why it closes by itself.
        reason: Sentence,
    },
}

/// The way to the cloud. See the module.
#[derive(Debug)]
pub(super) struct Air {
    state: State,
}

impl Air {
    pub(super) const fn new() -> Self {
        Self { state: State::Off }
    }

    /// Whether this session may be gone to now.
    pub(super) fn may_go_on(&self, uplink: &UplinkConfig) -> Result<(), Sentence> {
        match &self.state {
            State::Open { wish, .. } if *wish.uplink != *uplink => Err(Sentence::elsewhere_on_air()),
            State::Off | State::Open { .. } | State::Closing { .. } => Ok(()),
        }
    }

    /// A person wants it there, for these.
    pub(super) fn go_on(&mut self, uplink: Arc<UplinkConfig>, door: Option<Door>) -> Vec<Step> {
        let wish = Wish { uplink, door };
        match &mut self.state {
            State::Off => self.open(wish),
            State::Open { wish: present, .. } if present.door == door => Vec::new(),
            State::Open { wish: present, .. } => {
                present.door = door;
                let mut steps: Vec<Step> =
                    door.map(|door| Step::Do(Action::Door(door))).into_iter().collect();
                steps.extend(self.shown());
                steps
            }
            State::Closing { then, .. } => {
                *then = Some(wish);
                Vec::new()
            }
        }
    }

    /// A person wants it nowhere.
    pub(super) fn go_off(&mut self) -> Vec<Step> {
        match &mut self.state {
            State::Off => Vec::new(),
            State::Open { .. } => self.close(Sentence::default()),
            State::Closing { then, .. } => {
                *then = None;
                Vec::new()
            }
        }
    }

    /// The cloud greeted.
    pub(super) fn handle_connected(&mut self) -> Vec<Step> {
        match &mut self.state {
            State::Open { connected, .. } => {
                *connected = true;
                self.shown().into_iter().collect()
            }
            State::Off | State::Closing { .. } => Vec::new(),
        }
    }

    /// The cloud has opened the door thus.
    pub(super) fn handle_door(&mut self, door: Door) -> Vec<Step> {
        match &mut self.state {
            State::Open { said, .. } => {
                *said = Some(door);
                self.shown().into_iter().collect()
            }
            State::Off | State::Closing { .. } => Vec::new(),
        }
    }

    /// The cloud ended it for good.
    pub(super) fn handle_ended(&mut self, reason: Sentence) -> Vec<Step> {
        match &self.state {
            State::Open { .. } => self.close(reason),
            State::Off | State::Closing { .. } => Vec::new(),
        }
    }

    /// The uplink is closed.
    pub(super) fn handle_off(&mut self) -> Vec<Step> {
        match std::mem::replace(&mut self.state, State::Off) {
            State::Closing { then: Some(wish), .. } => self.open(wish),
            State::Closing { then: None, reason } => vec![Step::Show(AirState::Off { reason })],
            other @ (State::Off | State::Open { .. }) => {
                self.state = other;
                Vec::new()
            }
        }
    }

    fn open(&mut self, wish: Wish) -> Vec<Step> {
        let mut steps = vec![Step::Do(Action::OpenUplink(Arc::clone(&wish.uplink)))];
        steps.extend(wish.door.map(|door| Step::Do(Action::Door(door))));
        self.state = State::Open { wish, connected: false, said: None };
        steps.extend(self.shown());
        steps
    }

    fn close(&mut self, reason: Sentence) -> Vec<Step> {
        self.state = State::Closing { then: None, reason };
        vec![Step::Show(AirState::Stopping), Step::Do(Action::CloseUplink)]
    }

    /// It is on air when the cloud greeted and has the door that is wanted.
    fn shown(&self) -> Option<Step> {
        let State::Open { wish, connected, said } = &self.state else { return None };
        let door = wish.door;
        let there = *connected && (door.is_none() || door == *said);
        Some(Step::Show(if there { AirState::On { door } } else { AirState::Starting { door } }))
    }
}
