//! What a session has to say to its shell, each fact once.

use std::collections::VecDeque;

use returnfeed_tally::InputFact;

use crate::Output;

/// Outputs in order; inputs that did not change are not said again.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    outputs: VecDeque<Output>,
    said: Option<Vec<InputFact>>,
}

impl Queue {
    pub(crate) fn send(&mut self, data: impl Into<Vec<u8>>) {
        self.outputs.push_back(Output::Send(data.into()));
    }

    pub(crate) fn connected(&mut self, software: String) {
        self.outputs.push_back(Output::Connected(software));
    }

    pub(crate) fn inputs(&mut self, inputs: Vec<InputFact>) {
        if self.said.as_ref() != Some(&inputs) {
            self.said = Some(inputs.clone());
            self.outputs.push_back(Output::Inputs(inputs));
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}
