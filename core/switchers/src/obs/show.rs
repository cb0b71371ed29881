//! What is known of OBS's inputs: which are on air, which the preview shows.
//!
//! Refuses to forget what is on air when only names change. Invariant: GREEN is never RED.

use std::collections::{BTreeMap, BTreeSet};

use returnfeed_tally::InputFact;

use super::message::Source;

/// The inputs, by what they are known by.
#[derive(Debug, Default)]
pub(super) struct Show {
    inputs: BTreeMap<String, Input>,
    preview: BTreeSet<String>,
}

#[derive(Debug)]
struct Input {
    name: String,
    /// `None`: OBS did not say yet.
    on_air: Option<bool>,
}

impl Show {
    /// These are all the inputs there are.
    pub(super) fn list(&mut self, sources: &[Source]) {
        let mut before = std::mem::take(&mut self.inputs);
        self.inputs = sources
            .iter()
            .map(|source| {
                let on_air = before.remove(source.key()).and_then(|input| input.on_air);
                (source.key().to_owned(), Input { name: source.name.clone(), on_air })
            })
            .collect();
    }

    pub(super) fn set_active(&mut self, source: &Source, on_air: bool) {
        let name = source.name.clone();
        self.inputs.entry(source.key().to_owned()).or_insert(Input { name, on_air: None }).on_air =
            Some(on_air);
    }

    pub(super) fn set_preview(&mut self, keys: BTreeSet<String>) {
        self.preview = keys;
    }

    /// Every input; `None` before all of them said whether they are on air.
    pub(super) fn facts(&self) -> Option<Vec<InputFact>> {
        let fact = |(key, input): (&String, &Input)| {
            let programme = input.on_air?;
            let preview = !programme && self.preview.contains(key);
            Some(InputFact { programme, preview, ..InputFact::new(None, input.name.as_str()) })
        };
        self.inputs.iter().map(fact).collect()
    }
}
