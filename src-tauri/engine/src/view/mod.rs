//! What a window shows, as one value that is whole at every moment, and what may be asked of whoever keeps it.
//!
//! Refuses to decide and to draw: [`View::handle`] folds what the engine says, [`Intent`] is what a person asks. The
//! page's TypeScript is generated from both. Invariant: what is no longer true is no longer in it.

mod fold;
mod intent;
#[cfg(test)]
mod typescript;

use returnfeed_protocol::{
    CameraLamp, CameraNumber, CueAnswer, CueSheet, LanPath, Layer, ParticipantId, SessionId, Show, ShowId,
    Signal, Tally,
};
use serde::{Deserialize, Serialize};

pub use intent::{Intent, Keep, Password, ReportLanguage};

use crate::gui::{AirState, Change, Gui, KeyState, MonitorState, Notice, ProgrammeMode, RecordingState};
use crate::secrets::Kept;
use crate::switch::SoundSettings;
use tokio::sync::watch;

/// Keeps the view; whoever draws it watches, and sees the newest.
impl Gui for watch::Sender<View> {
    fn show(&mut self, notice: Notice) {
        self.send_modify(|view| view.handle(notice));
    }
}

/// Everything that a window shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct View {
    /// Where the programme goes.
    pub air: AirState,
    /// Whether it is being brought there and the engine does not know yet: a session is asked for.
    pub going: bool,
    /// The cloud that this machine works with.
    pub cloud: CloudView,
    /// Who is signed in there.
    pub account: Account,
    /// The show that is open.
    pub show: Option<OpenShow>,
    /// Every show of this machine, by name.
    pub shows: Vec<ListedShow>,
    /// Two versions of a show, side by side, where a person asked to see them.
    pub conflict: Option<Conflict>,
    /// The session of the cloud that the programme goes to, or went to last.
    pub session: Option<SessionView>,
    /// Why the pictures cannot be made at all, and what to do; the rest of the window works.
    pub broken: Option<String>,
    /// Which encoder works.
    pub encoder: Option<String>,
    /// The sources, by their keys.
    pub sources: Vec<SourceView>,
    /// On air.
    pub programme: Option<u16>,
    /// Next.
    pub preview: Option<u16>,
    /// On air too: a transition brings it in.
    pub incoming: Option<u16>,
    /// Whether the programme goes black.
    pub black: bool,
    /// The downstream key.
    pub key: KeyState,
    /// The programme's sound.
    pub sound: SoundSettings,
    /// Who makes the programme.
    pub mode: ProgrammeMode,
    /// The picture as it comes back from the cloud.
    pub monitor: MonitorState,
    /// The recording.
    pub recording: RecordingState,
    /// The change of key or sound that can be taken back.
    pub setting_undo: Option<Change>,
    /// Every camera's lamp.
    pub lamps: Vec<CameraLamp>,
    /// Foreign switchers whose tally is heard.
    pub switchers: Vec<Link>,
    /// Who else is told our lamps.
    pub outputs: Vec<Link>,
    /// The way to the cloud, layer by layer.
    pub pushes: Vec<Push>,
    /// The connection for tally, cues and who is there.
    pub uplink: Uplink,
    /// Camera operators' pages, in the order in which they came.
    pub operators: Vec<OperatorView>,
    /// How many watch, operators not counted.
    pub viewers: u32,
    /// What is said to operators.
    pub cues: CueSheet,
    /// What operators said of cues, the newest first.
    pub answers: Vec<AnswerView>,
    /// What was found on the network.
    pub found: Found,
    /// What the last check found, line by line; absent: none was made.
    pub check: Option<Vec<CheckLine>>,
    /// What could not be done last, counted so that the same words twice are two.
    pub refused: Option<Said>,
    /// What was done last that a person cannot see otherwise, as where a file was written.
    pub done: Option<Said>,
    /// Whether the last change to the show can be taken back.
    pub can_undo: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            air: AirState::Off { reason: String::new() },
            going: false,
            cloud: CloudView::default(),
            account: Account::default(),
            show: None,
            shows: Vec::new(),
            conflict: None,
            session: None,
            broken: None,
            encoder: None,
            sources: Vec::new(),
            programme: None,
            preview: None,
            incoming: None,
            black: false,
            key: KeyState::default(),
            sound: SoundSettings::default(),
            mode: ProgrammeMode::BuiltIn,
            monitor: MonitorState::Off,
            recording: RecordingState::Off,
            setting_undo: None,
            lamps: Vec::new(),
            switchers: Vec::new(),
            outputs: Vec::new(),
            pushes: Vec::new(),
            uplink: Uplink::default(),
            operators: Vec::new(),
            viewers: 0,
            cues: CueSheet::default(),
            answers: Vec::new(),
            found: Found::default(),
            check: None,
            refused: None,
            done: None,
            can_undo: false,
        }
    }
}

/// The cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CloudView {
    /// Its address; absent: nobody said one yet.
    pub address: Option<String>,
    /// The fingerprint of its own certificate, where that is what is believed.
    pub fingerprint: Option<String>,
    /// Why it could not be asked last, and what to do.
    pub trouble: Option<String>,
    /// Whether something is being asked of it by a person.
    pub busy: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Account {
    /// Nobody.
    #[default]
    Out,
    /// A browser was opened, and is waited for.
    Browser,
    /// Somebody.
    In {
        /// As they are called.
        name: String,
        /// Their e-mail.
        email: String,
        /// Where this machine keeps the login; absent: it ends with the program.
        kept: Option<Kept>,
    },
}

/// The show that is open.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenShow {
    /// Which.
    pub id: ShowId,
    /// The document.
    pub show: Show,
    /// Why the engine cannot run it as it is, and what to do.
    pub trouble: Option<String>,
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
    pub trouble: Option<String>,
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

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SessionView {
    /// Which.
    pub id: SessionId,
    /// Its name.
    pub name: String,
    /// For camera operators.
    pub camera_link: String,
    /// For viewers.
    pub viewer_link: String,
}

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
    pub reason: Option<String>,
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

/// Somebody else of the trade: a switcher that is heard, or a display that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Link {
    /// As it was named.
    pub name: String,
    /// Whether it works.
    pub works: bool,
    /// What answers, or why it does not work and what to do.
    pub says: String,
}

/// A layer on its way to the cloud.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Push {
    /// Which.
    pub layer: Layer,
    /// Whether it is connected.
    pub connected: bool,
    /// Why it is not, or what the cloud says against it, and what to do.
    pub trouble: Option<String>,
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
        reason: String,
    },
}

/// An operator's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OperatorView {
    /// Who.
    pub participant: ParticipantId,
    /// As they named themselves; may be empty.
    pub name: String,
    /// The tally light they follow.
    pub camera: Option<CameraNumber>,
    /// What is on their screen; absent until they said so.
    pub shows: Option<Tally>,
    /// Whether they confirmed what their lamp is now.
    pub confirmed: bool,
    /// From the change to their answer.
    pub took_ms: Option<u64>,
    /// How late the picture is there.
    pub delay_ms: Option<u32>,
    /// Charge in percent.
    pub battery: Option<u8>,
    /// Whether they hear us on the local network too.
    pub lan: Option<LanPath>,
    /// What to see to, by code, the worst first; empty: ready.
    pub concerns: Vec<&'static str>,
    /// What they say of their own accord.
    pub signal: Option<Signal>,
}

/// An operator's answer to a cue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AnswerView {
    /// Counts them, as a key for lists.
    pub n: u32,
    /// Who.
    pub name: String,
    /// Which camera they follow.
    pub camera: Option<CameraNumber>,
    /// What they were asked.
    pub text: String,
    /// What they say.
    pub answer: CueAnswer,
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

/// One line of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckLine {
    /// What was looked at, by code.
    pub what: CheckOf,
    /// How it is.
    pub is: CheckIs,
    /// What was found, with its figures; and what to do.
    pub says: String,
}

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CheckOf {
    /// Frames from each source.
    Sources,
    /// An encoder that proved itself.
    Encoder,
    /// The cloud answers, and we are somebody there.
    Cloud,
    /// UDP to its SRT port.
    Srt,
    /// What the way carries.
    Upload,
    /// Our clock beside the cloud's.
    Clock,
    /// Room on the disk.
    Disk,
    /// Operators' phones.
    Phones,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum CheckIs {
    /// Being looked at.
    Running,
    /// As it should be.
    Good,
    /// It works, and should be seen to.
    Look,
    /// It does not work.
    Broken,
    /// Not known before the programme goes there.
    Unknown,
}

/// Something that was said once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Said {
    /// Counts them.
    pub n: u32,
    /// The sentence.
    pub text: String,
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
