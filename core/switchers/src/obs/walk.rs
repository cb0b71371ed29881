//! What a scene shows: its enabled items, through nested scenes and groups.
//!
//! Refuses to go in circles. Invariant: the result is said once, when every list that was asked for has come.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{Holds, Item, Source};

/// More lists than any show nests.
const MOST: usize = 500;

/// A walk under way.
#[derive(Debug, Default)]
pub(super) struct Walk {
    seen: BTreeSet<String>,
    /// Requests that were not answered yet.
    open: BTreeMap<String, Source>,
    found: BTreeSet<String>,
}

impl Walk {
    /// Notes that the list of `source` was asked for under `id`; whether it is to be asked for at all.
    pub(super) fn visit(&mut self, id: &str, source: &Source) -> bool {
        if self.seen.len() >= MOST || !self.seen.insert(source.key().to_owned()) {
            return false;
        }
        self.open.insert(id.to_owned(), source.clone());
        true
    }

    pub(super) fn is_waiting_for(&self, id: &str) -> bool {
        self.open.contains_key(id)
    }

    /// A list came; returns what holds lists of its own. A list that was refused shows nothing.
    pub(super) fn take(&mut self, id: &str, items: Vec<Item>) -> Vec<(Source, Holds)> {
        self.open.remove(id);
        let mut further = Vec::new();
        for item in items.into_iter().filter(|item| item.enabled) {
            self.found.insert(item.source.key().to_owned());
            further.extend(item.holds.map(|holds| (item.source, holds)));
        }
        further
    }

    /// Everything shown, once nothing is open.
    pub(super) fn finish(&mut self) -> Option<BTreeSet<String>> {
        self.open.is_empty().then(|| std::mem::take(&mut self.found))
    }
}
