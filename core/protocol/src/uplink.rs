//! Between the director's machine and the cloud, over the uplink WebSocket (`/ws/director`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Acknowledgement, CueSheet, Delay, Epoch, LanAnswer, LanOffer, Layer, OperatorPresence, PageNumber,
    Problem, SessionSummary, SocketTicket, TallyState,
};

/// What the director's machine says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DirectorToCloud {
    /// First, and once.
    Hello {
        /// [`crate::PROTOCOL_VERSION`] of the sender.
        protocol: u16,
        /// Opens the socket.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        ticket: Option<SocketTicket>,
        /// Name and version, for the log.
        software: String,
        /// The run, from the publish grant; an older one than the newest heard is refused.
        epoch: Epoch,
    },
    /// The whole tally: at every change and each second.
    Tally {
        /// All of it.
        state: TallyState,
        /// When it was said: µs of a count that began with this machine's program and never jumps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        run_us: Option<u64>,
    },
    /// What is said to operators: after the welcome, and at every change.
    Cues {
        /// All of it.
        sheet: CueSheet,
    },
    /// What this machine says to a page that offered.
    LanAnswer {
        /// Which page.
        page: PageNumber,
        /// What.
        answer: LanAnswer,
    },
    /// Answer to a clock request, at once.
    Clock {
        /// As asked.
        #[ts(type = "number")]
        n: u64,
        /// The clock that stamps the pictures: Unix time in µs.
        #[ts(type = "number")]
        unix_us: u64,
        /// The count by which words are dated, read after the question was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        run_us: Option<u64>,
    },
}

/// How a layer arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum IngestState {
    /// Pictures arrive.
    Receiving {
        /// What they go on without, and what to do: sound in another codec, packets lost on the way.
        #[serde(default)]
        problems: Vec<Problem>,
    },
    /// Nothing arrives.
    Absent,
    /// The push was refused or cannot be used.
    Refused {
        /// Why, and what to do.
        problem: Problem,
    },
}

/// What the cloud says to the director's machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CloudToDirector {
    /// Answer to a hello that was accepted.
    Welcome {
        /// [`crate::PROTOCOL_VERSION`] of the cloud.
        protocol: u16,
        /// Name and version, for the log.
        software: String,
        /// The session.
        session: SessionSummary,
    },
    /// Make an IDR on this layer now: somebody joined or lost one.
    KeyframeRequest {
        /// Which layer.
        layer: Layer,
    },
    /// How a layer arrives; at each change.
    Ingest {
        /// Which layer.
        layer: Layer,
        /// How.
        ingest: IngestState,
    },
    /// A camera operator's page, at each change of it; after the welcome every one that is connected.
    Operator {
        /// Which.
        page: PageNumber,
        /// Absent: it is gone.
        presence: Option<OperatorPresence>,
    },
    /// How many watch, operators not counted; at each change.
    Viewers {
        /// So many.
        viewers: u32,
    },
    /// What operators' pages show, as they say it: at each change and after each of the director's words.
    Shown {
        /// At most 100, each page once.
        shown: Vec<Acknowledgement>,
    },
    /// How late the picture is on an operator's screen.
    Delay {
        /// On which page.
        page: PageNumber,
        /// Absent: nobody can say any more.
        delay: Option<Delay>,
    },
    /// An operator's page would hear this machine by the local network too.
    LanOffer {
        /// Which page.
        page: PageNumber,
        /// Its side.
        offer: LanOffer,
    },
    /// What does your clock say? The cloud lays capture times onto its own by the answers.
    ClockRequest {
        /// Comes back in the answer.
        #[ts(type = "number")]
        n: u64,
        /// How far the cloud takes that clock to be ahead of its own, in µs, by the answers so far; negative: behind.
        /// By this it lays capture times onto its own. Absent: it does not know yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(type = "number | null")]
        ahead_us: Option<i64>,
    },
    /// The cloud ends this connection; the reason says whether to come back.
    Bye {
        /// Why, and what to do.
        problem: Problem,
    },
}
