//! Operators and what they have shown, for the screen.

use std::time::Duration;

use returnfeed_protocol::{CameraNumber, PageNumber, ParticipantId, Readiness, Tally};
use returnfeed_tally::{Concern, Seen};
use serde::Serialize;

use super::wire::{codes, maybe_millis};

/// An operator, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operator {
    /// Who.
    pub participant: ParticipantId,
    /// As they named themselves; may be empty.
    pub name: String,
}

/// What an operator's page needs, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Need {
    /// Which page.
    pub page: PageNumber,
    /// Who.
    #[serde(flatten)]
    pub who: Operator,
    /// Which camera they follow.
    pub camera: Option<CameraNumber>,
    /// The worst first; empty: ready.
    #[serde(serialize_with = "codes")]
    pub concerns: Vec<Concern>,
    /// What the phone said of itself.
    pub readiness: Option<Readiness>,
}

/// How a page stands to its lamp, for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LampState {
    /// It shows it.
    Shown {
        /// What is on the screen.
        tally: Tally,
        /// From the change to the page's answer; absent where the page came after it.
        #[serde(rename = "took_ms", serialize_with = "maybe_millis")]
        took: Option<Duration>,
    },
    /// It should show this, and has not said so in time.
    Missing {
        /// What should be on the screen.
        tally: Tally,
    },
    /// It says that it shows *unknown*.
    Unknown,
}

impl From<Seen> for LampState {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Shown { tally, took } => Self::Shown { tally, took },
            Seen::Missing { tally } => Self::Missing { tally },
            Seen::Unknown => Self::Unknown,
        }
    }
}

/// One camera's pages, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// Which.
    pub camera: CameraNumber,
    /// What its lamp is.
    pub tally: Tally,
    /// How many pages show it.
    pub confirmed: usize,
    /// When the last of those showed the newest change.
    #[serde(rename = "last_ms", serialize_with = "maybe_millis")]
    pub last: Option<Duration>,
    /// 95 of 100 confirmations were not slower.
    #[serde(rename = "p95_ms", serialize_with = "maybe_millis")]
    pub p95: Option<Duration>,
    /// Who has not confirmed in time.
    pub missing: Vec<Operator>,
    /// Who shows *unknown*.
    pub unknown: Vec<Operator>,
}
