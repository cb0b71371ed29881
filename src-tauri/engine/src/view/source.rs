//! A source, and what was found on the network to make one of.

use crate::sources::LampEcho;
use returnfeed_protocol::CameraNumber;
use serde::Serialize;

use super::Spoken;

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SourceView {
    /// Its key.
    pub number: u16,
    /// Its name.
    pub label: String,
    /// Which camera it carries.
    pub camera: Option<CameraNumber>,
    /// What it does.
    pub state: SourceDoes,
    /// Why it is lost, and what to do.
    pub reason: Option<Spoken>,
    /// What it says of the lamp on it; none: it is dark, or it has none.
    pub lamp: Option<LampEcho>,
}

/// What a source does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum SourceDoes {
    /// Being opened.
    Starting,
    /// Frames come.
    Live,
    /// No frame comes.
    Frozen,
    /// It failed; it is tried again.
    Lost,
}

/// What was found on the network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Found {
    /// Nobody looks.
    #[default]
    Off,
    /// There is no NDI runtime on this machine.
    NoRuntime {
        /// What was tried.
        reason: String,
    },
    /// These, by name.
    Sources {
        /// As NDI names them.
        names: Vec<String>,
        /// Of the runtime.
        version: String,
    },
}
