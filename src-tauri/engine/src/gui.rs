//! What the director is told: the seam between all application logic and whoever shows it.
//!
//! Refuses to be pictures or widgets. Invariant: each notice is whole; the newest of a kind replaces the older one. What
//! changes with each frame is no notice: it is asked for, as [`crate::figures`] or [`crate::multiview`].

mod crew;
mod programme;
mod state;
mod wire;

use returnfeed_protocol::{
    CameraLamp, CameraNumber, CueAnswer, CueSheet, CueText, Delay, IngestState, Layer, OperatorPresence,
    PageNumber, Signal,
};
use returnfeed_srt::PathReport;
use serde::Serialize;

pub use crew::{Confirmation, LampState, Need, Operator};
pub use programme::{
    AirState, Change, Door, KeyState, LogState, MonitorState, ProgrammeMode, RecordingState,
};
pub use state::{CloudState, PushState, SourceState, SwitcherState};
pub(crate) use wire::millis;

use crate::clock::EngineTime;
use crate::inputs::Mapped;
use crate::lan::LanState;
use crate::outputs::OutputState;
use crate::sentence::Sentence;
use crate::sources::{LampEcho, SourceNumber};
use crate::switch::{SoundSettings, Transition};

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
        source: SourceNumber,
        /// Its name.
        label: String,
        /// What it does.
        #[serde(flatten)]
        state: SourceState,
    },
    /// What a source says of the lamp that it was told to show.
    SourceLamp {
        /// Its key.
        source: SourceNumber,
        /// Nothing: the lamp is dark.
        lamp: Option<LampEcho>,
    },
    /// What is on the buses: said at the frame that shows it.
    Buses {
        /// On air.
        programme: SourceNumber,
        /// Next.
        preview: Option<SourceNumber>,
        /// On air too: a transition brings it in. Both are RED.
        #[serde(skip_serializing_if = "Option::is_none")]
        incoming: Option<SourceNumber>,
        /// The moment of that frame, for the session log.
        #[serde(skip)]
        at: EngineTime,
    },
    /// A transition begins or is over, at the frame that shows it. How far it is: [`crate::figures`].
    Transition {
        /// What runs; `None`: nothing does.
        running: Option<Transition>,
    },
    /// The programme goes black, or comes back.
    Black {
        /// Where it goes.
        black: bool,
    },
    /// The downstream key.
    Key {
        /// What it does.
        #[serde(flatten)]
        state: KeyState,
    },
    /// The programme's sound.
    Audio {
        /// By what it is made.
        #[serde(flatten)]
        settings: SoundSettings,
    },
    /// Who switches: said at the start.
    Mode {
        /// We, or somebody else.
        #[serde(flatten)]
        mode: ProgrammeMode,
    },
    /// Where the programme goes.
    Air {
        /// How far it is.
        #[serde(flatten)]
        state: AirState,
    },
    /// The picture as it comes back from the cloud.
    Monitor {
        /// How it is.
        #[serde(flatten)]
        state: MonitorState,
    },
    /// The recording of the programme.
    Recording {
        /// What it does.
        #[serde(flatten)]
        state: RecordingState,
    },
    /// The session log, of which the reports after the show are made.
    Log {
        /// Whether it is written.
        #[serde(flatten)]
        state: LogState,
    },
    /// What [`crate::controller::Command::Undo`] would take back.
    Undo {
        /// What was changed last; `None`: there is nothing to take back.
        change: Option<Change>,
    },
    /// What a foreign switcher does.
    Switcher {
        /// Its name.
        switcher: String,
        /// What it does.
        #[serde(flatten)]
        state: SwitcherState,
    },
    /// What a foreign switcher has on air, at each change.
    OnAir {
        /// Its name.
        switcher: String,
        /// Its inputs, as it names them.
        inputs: Vec<String>,
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
    /// What the way to operators on the local network does.
    Lan {
        /// What it does.
        #[serde(flatten)]
        state: LanState,
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
        #[serde(flatten, serialize_with = "wire::path")]
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
        reason: Sentence,
    },
    /// It is over.
    Ended {
        /// Why; empty when it was asked for.
        reason: String,
    },
}
