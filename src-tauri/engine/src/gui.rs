//! What the director is told: the seam between all application logic and whoever shows it.
//!
//! Refuses to be pictures or widgets. Invariant: each notice is whole; the newest of a kind replaces the older one.

use std::time::Duration;

use returnfeed_protocol::{
    CameraLamp, CameraNumber, CueAnswer, CueSheet, CueText, Delay, IngestState, Layer, OperatorPresence,
    PageNumber, ParticipantId, Readiness, Signal, Tally,
};
use returnfeed_srt::PathReport;
use returnfeed_tally::{Concern, Seen};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::inputs::Mapped;
use crate::outputs::OutputState;
use crate::push::PushEvent;
use crate::sources::{Health, SourceNumber};

/// Shows notices: a window, a terminal, a test. Must not wait.
pub trait Gui: Send + 'static {
    /// Shows this one.
    fn show(&mut self, notice: Notice);
}

/// Something that a director wants to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Notice {
    /// Which encoder works, and why each other one was passed over.
    Encoder {
        /// Its factory name.
        chosen: String,
        /// `name: verdict: reason`, in the order tried.
        candidates: Vec<String>,
    },
    /// The encoder failed and is being built again.
    EncoderFailed {
        /// What it said.
        reason: String,
    },
    /// What a source is doing.
    Source {
        /// Its key.
        #[serde(serialize_with = "number")]
        source: SourceNumber,
        /// Its name.
        label: String,
        /// What it does.
        #[serde(flatten)]
        state: SourceState,
    },
    /// What is on the buses: said at the frame that shows it.
    Buses {
        /// On air.
        #[serde(serialize_with = "number")]
        programme: SourceNumber,
        /// Next.
        #[serde(serialize_with = "maybe_number")]
        preview: Option<SourceNumber>,
    },
    /// What a foreign switcher does.
    Switcher {
        /// Its name.
        switcher: String,
        /// What it does.
        #[serde(flatten)]
        state: SwitcherState,
    },
    /// Which cameras the inputs of a foreign switcher feed, at each change.
    Mapping {
        /// Its name.
        switcher: String,
        /// Every input.
        inputs: Vec<Mapped>,
    },
    /// Every camera's lamp, at each change.
    Lamps {
        /// By camera number.
        cameras: Vec<CameraLamp>,
    },
    /// What an output of our lamps does.
    Output {
        /// Which: as it was named, without its options.
        output: String,
        /// What it does.
        #[serde(flatten)]
        state: OutputState,
    },
    /// What a layer's push does.
    Push {
        /// Which layer.
        layer: Layer,
        /// What it does.
        #[serde(flatten)]
        state: PushState,
    },
    /// How a layer's way to the cloud did in the last ten seconds.
    Path {
        /// Which layer.
        layer: Layer,
        /// How.
        #[serde(flatten, serialize_with = "path")]
        report: PathReport,
    },
    /// How a layer arrives, as the cloud says.
    Ingest {
        /// Which layer.
        layer: Layer,
        /// How.
        #[serde(flatten)]
        ingest: IngestState,
    },
    /// What the connection to the cloud does.
    Cloud {
        /// What it does.
        #[serde(flatten)]
        state: CloudState,
    },
    /// Who is there.
    Presence {
        /// Pages of camera operators, in the order in which they came.
        operators: Vec<OperatorPresence>,
        /// How many watch, operators not counted.
        viewers: u32,
    },
    /// How an operator's page stands to its lamp; at each change, and at each confirmation of one.
    Lamp {
        /// Which page.
        page: PageNumber,
        /// Who.
        #[serde(flatten)]
        who: Operator,
        /// Which camera they follow.
        camera: CameraNumber,
        /// How.
        #[serde(flatten)]
        state: LampState,
    },
    /// Who has shown what, by camera; said when asked for.
    Confirmations {
        /// By camera number.
        cameras: Vec<Confirmation>,
    },
    /// An operator answers a cue.
    Answered {
        /// Who.
        #[serde(flatten)]
        who: Operator,
        /// Which camera they follow.
        camera: Option<CameraNumber>,
        /// What they were asked.
        text: CueText,
        /// What they say.
        answer: CueAnswer,
    },
    /// An operator says something of their own accord, or takes it back.
    Signal {
        /// Who.
        #[serde(flatten)]
        who: Operator,
        /// Which camera they follow.
        camera: Option<CameraNumber>,
        /// What; absent: taken back.
        signal: Option<Signal>,
    },
    /// What a phone cannot do has changed.
    Attention {
        /// Which page, who, and what for.
        #[serde(flatten)]
        need: Need,
    },
    /// Every operator's page, those who need attention first; said when asked for.
    Readiness {
        /// The worst first.
        needs: Vec<Need>,
    },
    /// What is said to operators.
    Cues {
        /// All of it.
        #[serde(flatten)]
        sheet: CueSheet,
    },
    /// How late the picture is on an operator's screen.
    Delay {
        /// On which page.
        page: PageNumber,
        /// Who.
        #[serde(flatten)]
        who: Operator,
        /// Absent: nobody can say any more.
        delay: Option<Delay>,
    },
    /// The newest of everything follows again, as was asked.
    Status,
    /// A command cannot be done.
    Refused {
        /// Why and what to do.
        reason: String,
    },
    /// It is over.
    Ended {
        /// Why; empty when it was asked for.
        reason: String,
    },
}

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
        reason: String,
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
        reason: String,
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
        reason: String,
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
            PushEvent::Failed { failure, retry_in } => {
                PushState::Failed { reason: failure.to_string(), retry_in }
            }
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
        reason: String,
        /// When it is called again.
        #[serde(rename = "retry_in_ms", serialize_with = "millis")]
        retry_in: Duration,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn number<S: Serializer>(number: &SourceNumber, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(number.get())
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn maybe_number<S: Serializer>(number: &Option<SourceNumber>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(SourceNumber::get).serialize(serializer)
}

fn codes<S: Serializer>(concerns: &[Concern], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(concerns.iter().map(|concern| concern.as_str()))
}

/// The numbers, and the same in words.
fn path<S: Serializer>(report: &PathReport, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("rtt_ms", &(report.rtt.as_secs_f64() * 1000.0))?;
    map.serialize_entry("lost_per_mille", &report.lost_per_mille)?;
    map.serialize_entry("repeated_per_mille", &report.repeated_per_mille)?;
    map.serialize_entry("given_up", &report.given_up)?;
    map.serialize_entry("bits_per_second", &report.bits_per_second)?;
    map.serialize_entry("words", &report.to_string())?;
    map.end()
}

pub(crate) fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[expect(clippy::ref_option, reason = "serde gives references")]
fn maybe_millis<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
}
