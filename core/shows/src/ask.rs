//! What a machine asks the cloud about one show, and what it may hear.

use returnfeed_protocol::{ShowDigest, ShowHistory};

use crate::note::{Base, Doc};

/// Where the cloud stands with a show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Counts from 1.
    pub version: u64,
    /// Of its text; `None`: it is deleted.
    pub digest: Option<ShowDigest>,
}

impl Head {
    pub(crate) fn base(self) -> Base {
        Base { version: self.version, digest: self.digest }
    }
}

/// One version that the cloud keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Counts from 1.
    pub version: u64,
    /// Of its text.
    pub digest: ShowDigest,
}

/// Where the cloud stands with a show, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Now.
    pub head: Head,
    /// The versions that it keeps, in any order.
    pub past: Vec<Past>,
}

impl From<ShowHistory> for History {
    fn from(history: ShowHistory) -> Self {
        let past = history.versions.iter();
        Self {
            head: Head { version: history.now.version, digest: history.now.digest },
            past: past.map(|one| Past { version: one.version, digest: one.digest }).collect(),
        }
    }
}

/// On what a save is conditional (RFC 9110, 13.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// `If-None-Match: *`: the show is not there, or deleted.
    Absent,
    /// `If-Match`: it still stands at this version of this text.
    At {
        /// Counts from 1.
        version: u64,
        /// Of its text.
        digest: ShowDigest,
    },
}

/// What to ask the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Save this text.
    Put {
        /// The text.
        doc: Doc,
        /// Only then.
        condition: Condition,
    },
    /// Delete the show, if it still stands there.
    Delete {
        /// Counts from 1.
        version: u64,
        /// Of its text.
        digest: ShowDigest,
    },
    /// Where it stands, and how it came there.
    History,
    /// The text of one version.
    Version(u64),
}

/// What the cloud answered, or that it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Saved or deleted: it stands there now.
    Done(Head),
    /// Not done: the condition does not hold (412).
    Changed,
    /// There is no such show or version (404).
    Absent,
    /// Where it stands.
    History(History),
    /// A version's text.
    Text(Doc),
    /// Nothing was heard; what was asked may have been done.
    Lost,
    /// The cloud will not, and asking again does not help.
    Refused,
}
