//! What is on air, here and at foreign switchers, and every camera's lamp by it.

use std::time::Instant;

use returnfeed_tally::{InputFact, SwitcherName};

use super::{Action, Controller};
use crate::clock::EngineTime;
use crate::gui::{Gui, Notice, SwitcherState};
use crate::inputs::{BUILT_IN, InputEvent, mapped};
use crate::sentence::Sentence;
use crate::sources::{SourceNumber, TallyLamp};
use crate::switch::Buses;

impl<G: Gui> Controller<G> {
    /// Where another switcher makes the programme, it is cut there.
    pub(super) fn switch(&mut self, action: Action) {
        match self.beside {
            None => self.actions.push_back(action),
            Some(_) => {
                self.gui.show(Notice::Refused { reason: Sentence::cut_elsewhere() });
            }
        }
    }

    pub(super) fn buses(&mut self, buses: Buses, at: EngineTime, now: Instant) {
        let Buses { programme, preview, incoming } = buses;
        let on_air = |source| source == programme || Some(source) == incoming;
        let fact = |source: SourceNumber| InputFact {
            programme: on_air(source),
            preview: Some(source) == preview,
            ..InputFact::new(Some(source.get()), "")
        };
        let inputs = self.labels.keys().copied().map(fact).collect();
        self.tally.handle_inputs(&SwitcherName::from(BUILT_IN), inputs, now);
        for source in self.labels.keys().copied() {
            let lamp =
                TallyLamp { programme: on_air(source), preview: Some(source) == preview && !on_air(source) };
            self.actions.push_back(Action::Lamp(source, lamp));
        }
        self.say(Notice::Buses { programme, preview, incoming, at });
        self.show_lamps();
    }

    pub(super) fn switcher(&mut self, switcher: &SwitcherName, event: InputEvent, now: Instant) {
        let name = switcher.to_string();
        match event {
            InputEvent::Connected { software } => {
                self.say(Notice::Switcher { switcher: name, state: SwitcherState::Heard { software } });
            }
            InputEvent::Lost { reason, retry_in } => {
                self.tally.handle_lost(switcher, reason.as_str(), now);
                let state = SwitcherState::Lost { reason: reason.into(), retry_in };
                self.say(Notice::Switcher { switcher: name, state });
            }
            InputEvent::Inputs(inputs) => {
                self.inputs.insert(switcher.clone(), inputs.clone());
                let plan = self.cameras.cameras(self.labels.keys().copied(), &self.inputs);
                if let Err(refusal) = self.tally.set_cameras(plan, now) {
                    unreachable!("a map has each camera once: {refusal}");
                }
                let mapped = mapped(switcher, &inputs, self.tally.cameras());
                let on_air = inputs.iter().filter(|input| input.programme).map(input_name).collect();
                self.tally.handle_inputs(switcher, inputs, now);
                self.say(Notice::OnAir { switcher: name.clone(), inputs: on_air });
                self.say(Notice::Mapping { switcher: name, inputs: mapped });
            }
        }
        self.show_lamps();
    }

    pub(super) fn show_lamps(&mut self) {
        self.say(Notice::Lamps { cameras: self.tally.lamps().to_vec() });
    }
}

/// As the switcher calls it; by its number where it has no name.
fn input_name(input: &InputFact) -> String {
    match (input.name.trim(), input.index) {
        ("", Some(index)) => index.to_string(),
        (name, _) => name.to_owned(),
    }
}
