//! Sources, switchers, pushes and the cloud, for the screen.

use std::time::Duration;

use returnfeed_protocol::Layer;
use serde::Serialize;

use super::Notice;
use super::wire::{maybe_millis, millis};
use crate::push::PushEvent;
use crate::sentence::Sentence;
use crate::sources::Health;

/// A source, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SourceState {
    /// Being opened.
    Starting,
    /// Frames come.
    Live,
    /// No frame comes.
    Frozen,
    /// It failed; it is tried again.
    Lost {
        /// What is wrong and what to do.
        reason: Sentence,
    },
}

impl From<Health> for SourceState {
    fn from(health: Health) -> Self {
        match health {
            Health::Starting => Self::Starting,
            Health::Live => Self::Live,
            Health::Frozen => Self::Frozen,
            Health::Lost { reason } => Self::Lost { reason },
        }
    }
}

/// A foreign switcher, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SwitcherState {
    /// It is understood.
    Heard {
        /// Its name and version.
        software: String,
    },
    /// It cannot be heard.
    Lost {
        /// Why and what to do.
        reason: Sentence,
        /// When it is called again; `None`: it is waited for, or a person must act.
        #[serde(rename = "retry_in_ms", serialize_with = "maybe_millis")]
        retry_in: Option<Duration>,
    },
}

/// A push, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PushState {
    /// It calls the server.
    Connecting,
    /// It is connected.
    Connected {
        /// Latency both ends agreed on.
        #[serde(rename = "latency_ms", serialize_with = "millis")]
        latency: Duration,
    },
    /// It failed; it calls again.
    Failed {
        /// Why and what to do.
        reason: Sentence,
        /// When it calls again.
        #[serde(rename = "retry_in_ms", serialize_with = "millis")]
        retry_in: Duration,
    },
}

impl Notice {
    /// What a layer's push says.
    pub fn push(layer: Layer, event: PushEvent) -> Self {
        let state = match event {
            PushEvent::Path(report) => return Self::Path { layer, report },
            PushEvent::Connecting => PushState::Connecting,
            PushEvent::Connected { latency } => PushState::Connected { latency },
            PushEvent::Failed { failure, retry_in } => PushState::Failed { reason: failure.into(), retry_in },
        };
        Self::Push { layer, state }
    }
}

/// The connection to the cloud, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CloudState {
    /// It is heard.
    Connected {
        /// Name of the session.
        session: String,
        /// Name and version of the cloud.
        software: String,
    },
    /// It cannot be heard; switching goes on, and it is called again.
    Absent {
        /// Why and what to do.
        reason: Sentence,
        /// When it is called again.
        #[serde(rename = "retry_in_ms", serialize_with = "millis")]
        retry_in: Duration,
    },
}
