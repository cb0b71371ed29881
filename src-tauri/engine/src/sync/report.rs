//! What a sync came to, in words.

use std::fmt;

use returnfeed_protocol::ShowId;
use returnfeed_shows::State;

use super::{Listed, Offline};

/// Where a show stands after a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The cloud has the same.
    Synced,
    /// The cloud does not have it yet, for this reason.
    SavedHere(String),
    /// Two machines edited it: a person must choose.
    TwoVersions,
    /// The cloud has another version; it waits until the show is off air.
    Waits,
    /// It was deleted, here and there.
    Deleted,
}

/// What a sync came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Each show, its name where it has one that can be read, and where it stands.
    pub shows: Vec<(ShowId, Option<String>, Outcome)>,
    /// Why the cloud was not there at all.
    pub offline: Option<String>,
}

impl Report {
    pub(super) fn offline(offline: Offline, listed: Vec<Listed>) -> Self {
        let outcome = |one: Listed| {
            let outcome = match one.state {
                State::TwoVersions => Outcome::TwoVersions,
                State::Synced | State::SavedHere => Outcome::SavedHere("offline".to_owned()),
            };
            (one.id, one.name.ok(), outcome)
        };
        Self { shows: listed.into_iter().map(outcome).collect(), offline: Some(offline.to_string()) }
    }

    pub(super) fn has(&self, id: ShowId) -> bool {
        self.shows.iter().any(|(each, ..)| *each == id)
    }

    pub(super) fn add(&mut self, id: ShowId, name: Option<String>, outcome: Outcome) {
        self.shows.push((id, name, outcome));
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Synced => f.write_str("synced"),
            Self::SavedHere(why) => write!(f, "saved here ({why})"),
            Self::TwoVersions => f.write_str("two versions"),
            Self::Waits => f.write_str("another version waits until the show is off air"),
            Self::Deleted => f.write_str("deleted"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(why) = &self.offline {
            writeln!(f, "offline: {why}")?;
        }
        for (id, name, outcome) in &self.shows {
            let name = name.as_deref().unwrap_or("(no name)");
            writeln!(f, "{id}  {name}: {outcome}")?;
        }
        Ok(())
    }
}
