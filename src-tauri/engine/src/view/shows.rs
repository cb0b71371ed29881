//! The show that is open, the others of this machine, and two versions of one.

use returnfeed_protocol::{Show, ShowId};
use serde::Serialize;

use super::Spoken;

/// The show that is open.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenShow {
    /// Which.
    pub id: ShowId,
    /// The document.
    pub show: Show,
    /// Why the engine cannot run it as it is, and what to do.
    pub trouble: Option<Spoken>,
    /// Whether a change waits until the programme is off air.
    pub waits: bool,
}

/// A show in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ListedShow {
    /// Which.
    pub id: ShowId,
    /// Its name; absent: it cannot be read, for the reason in `trouble`.
    pub name: Option<String>,
    /// Where it stands.
    pub sync: SyncState,
    /// Why it cannot be read.
    pub trouble: Option<Spoken>,
}

/// Where a show stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum SyncState {
    /// The cloud has the same.
    Synced,
    /// The cloud does not have it yet.
    SavedHere,
    /// Two machines edited it: a person must choose.
    TwoVersions,
}

/// Two versions of a show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Conflict {
    /// Which show.
    pub id: ShowId,
    /// Where they differ.
    pub differences: Vec<DifferenceView>,
}

/// One place in which two versions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DifferenceView {
    /// Where, as in `sources 2, name`.
    pub path: String,
    /// This machine's; absent: it has none.
    pub ours: Option<String>,
    /// The cloud's; absent: it has none.
    pub theirs: Option<String>,
}

impl DifferenceView {
    /// A difference in words.
    pub(crate) fn of(one: &returnfeed_shows::Difference) -> Self {
        use returnfeed_shows::Step;
        let step = |step: &Step| match step {
            Step::Field(name) | Step::Called(name) => name.clone(),
            Step::Place(place) => place.to_string(),
            Step::Order => "⇅".to_owned(),
        };
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Self {
            path: one.path.iter().map(step).collect::<Vec<_>>().join(", "),
            ours: one.ours.as_ref().map(text),
            theirs: one.theirs.as_ref().map(text),
        }
    }
}
