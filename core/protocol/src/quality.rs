//! How a session's pictures fare, as its director and the host see it: `GET /api/sessions/{id}/quality`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Bitrate, Layer, LayerReason, ParticipantId, Problem, Role, SessionSummary, ViewerId};

/// A measure over the viewers of one second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Spread {
    /// Half of them fare better.
    pub median: f64,
    /// Nobody fares worse.
    pub worst: f64,
}

/// How many viewers have which layer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct LayerCounts {
    /// High.
    pub high: u32,
    /// Low.
    pub low: u32,
    /// None yet.
    pub waiting: u32,
}

/// A layer's push in one second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct QualityPush {
    /// Which.
    pub layer: Layer,
    /// What arrived, headers and repetitions included.
    pub bitrate: Bitrate,
    /// Round trip between encoder and server.
    pub rtt_ms: f64,
    /// Share of packets that were missing at first, 0 to 1.
    pub loss: f64,
    /// Packets that came as repetitions.
    pub repeated: u32,
    /// Packets that never came: the picture was damaged.
    pub dropped: u32,
    /// From capture to arrival at the server; none where the encoder does not stamp its pictures.
    pub delay_ms: Option<f64>,
}

/// One second of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct QualitySecond {
    /// Its end, Unix time in ms.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// Viewers by layer.
    pub viewers: LayerCounts,
    /// Share of packets lost on the way to viewers, 0 to 1; none while no viewer has reported.
    pub loss: Option<Spread>,
    /// Round trip to viewers; none while no viewer has reported.
    pub rtt_ms: Option<Spread>,
    /// The pushes that run, the high layer's first.
    pub pushes: Vec<QualityPush>,
}

/// A viewer's layer changed, or the reason for it (`from` is `to` then).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct QualitySwitch {
    /// Unix time in ms.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// The viewer session.
    pub viewer: ViewerId,
    /// Whose.
    pub participant: ParticipantId,
    /// As they named themselves; may be empty.
    pub name: String,
    /// What it had; none at its first picture.
    pub from: Option<Layer>,
    /// What it has.
    pub to: Layer,
    /// Why.
    pub reason: LayerReason,
}

/// How a viewer session fares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
pub struct QualityViewer {
    /// The viewer session.
    pub viewer: ViewerId,
    /// Whose.
    pub participant: ParticipantId,
    /// As they named themselves; may be empty.
    pub name: String,
    /// As what.
    pub role: Role,
    /// The layer it has; none before its first picture.
    pub layer: Option<Layer>,
    /// Why.
    pub reason: LayerReason,
    /// For how long it has been so.
    #[ts(type = "number")]
    pub for_ms: u64,
    /// Share of packets lost over the last second, 0 to 1; none until it reported.
    pub loss: Option<f64>,
    /// Round trip; none until it reported.
    pub rtt_ms: Option<f64>,
    /// What its network carries, as estimated; none while unknown.
    pub bandwidth: Option<Bitrate>,
}

/// What the cloud says to a quality page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum QualityToPage {
    /// First, and again where the page was too slow: what is remembered.
    History {
        /// The session.
        session: SessionSummary,
        /// Up to ten minutes, oldest first.
        seconds: Vec<QualitySecond>,
        /// The newest two hundred, oldest first.
        switches: Vec<QualitySwitch>,
    },
    /// A second has passed.
    Second {
        /// How it was.
        second: QualitySecond,
        /// The viewers, those that fare worst first.
        viewers: Vec<QualityViewer>,
        /// Further viewers, who fare better than those.
        more: u32,
    },
    /// A viewer's layer changed.
    Switched {
        /// How.
        switch: QualitySwitch,
    },
    /// The cloud ends this stream; the reason says whether to come back.
    Bye {
        /// Why, and what to do.
        problem: Problem,
    },
}
