//! The ways out: to the cloud, layer by layer; to it for tally and cues; to and from others of the trade.

use returnfeed_protocol::Layer;
use returnfeed_srt::PathReport;
use serde::Serialize;

use super::Spoken;
use crate::gui::SwitcherState;
use crate::lan::LanState;
use crate::outputs::OutputState;

/// A layer on its way to the cloud.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Push {
    /// Which.
    pub layer: Layer,
    /// Whether it is connected.
    pub connected: bool,
    /// Why it is not, or what the cloud says against it, and what to do.
    pub trouble: Option<Spoken>,
    /// Whether the cloud says that it arrives.
    pub arrives: bool,
    /// How the way was in the last ten seconds.
    pub path: Option<Way>,
    /// Paths are counted, so that the same figures twice are two.
    pub paths: u32,
}

/// How a way was in the last ten seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Way {
    /// Round trip.
    pub rtt_ms: f64,
    /// Of a thousand packets, how many were lost on the way.
    pub lost_per_mille: u32,
    /// Of a thousand packets, how many were repeats.
    pub repeated_per_mille: u32,
    /// Bit/s.
    pub bits_per_second: u64,
}

impl From<PathReport> for Way {
    fn from(report: PathReport) -> Self {
        Self {
            rtt_ms: report.rtt.as_secs_f64() * 1_000.0,
            lost_per_mille: report.lost_per_mille,
            repeated_per_mille: report.repeated_per_mille,
            bits_per_second: report.bits_per_second,
        }
    }
}

/// The connection for tally and cues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Uplink {
    /// None is wanted.
    #[default]
    Off,
    /// It stands.
    Connected,
    /// It does not; it is called again.
    Absent {
        /// Why and what to do.
        reason: Spoken,
    },
}

/// Somebody else of the trade: a switcher that is heard, or a display that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Link {
    /// As it was named.
    pub name: String,
    /// Whether it works.
    pub works: bool,
    /// What answers, or why it does not work and what to do.
    pub says: Spoken,
    /// What a code on the screen opens; none: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub opens: Option<String>,
}

impl Link {
    fn up(name: String, says: impl Into<Spoken>) -> Self {
        Self { name, works: true, says: says.into(), opens: None }
    }

    fn down(name: String, why: impl Into<Spoken>) -> Self {
        Self { name, works: false, says: why.into(), opens: None }
    }

    pub(super) fn of_switcher(name: String, state: SwitcherState) -> Self {
        match state {
            SwitcherState::Heard { software } => Self::up(name, software),
            SwitcherState::Lost { reason, .. } => Self::down(name, reason),
        }
    }

    pub(super) fn of_output(name: String, state: OutputState) -> Self {
        match state {
            OutputState::Open { readers } => {
                Self::up(name, readers.map(|readers| readers.to_string()).unwrap_or_default())
            }
            OutputState::Page { readers, links, has_pass } => {
                let opens = links.into_iter().next().filter(|_| has_pass);
                Self { opens, ..Self::up(name, readers.to_string()) }
            }
            OutputState::Telling => Self::up(name, ""),
            OutputState::Failed { reason, .. } => Self::down(name, reason),
        }
    }

    pub(super) fn of_lan(state: LanState) -> Self {
        let name = "LAN".to_owned();
        match state {
            LanState::Open { port } => Self::up(name, format!("UDP {port}")),
            LanState::Failed { reason, .. } => Self::down(name, reason),
        }
    }
}
