//! What a window shows, as one value that is whole at every moment, and what may be asked of whoever keeps it.
//!
//! Refuses to decide and to draw: [`View::handle`] folds what the engine says, [`Intent`] is what a person asks. The
//! page's TypeScript is generated from both. Invariant: what is no longer true is no longer in it.

mod check;
mod cloud;
mod fold;
mod intent;
mod operator;
mod push;
mod session;
mod shows;
mod source;
mod spoken;
mod switcher;
#[cfg(test)]
mod typescript;

use returnfeed_protocol::{CameraLamp, CueSheet};
use serde::Serialize;
use tokio::sync::watch;

pub use check::{CheckIs, CheckLine, CheckOf};
pub use cloud::{Account, CloudView};
pub use intent::{Intent, Keep, Password, ReportLanguage};
pub use operator::{AnswerView, OperatorView};
pub use push::{Link, Push, Uplink, Way};
pub use session::SessionView;
pub use shows::{Conflict, DifferenceView, ListedShow, OpenShow, SyncState};
pub use source::{Found, SourceDoes, SourceView};
pub use spoken::Spoken;
pub use switcher::SwitcherView;

use crate::gui::{AirState, Change, Gui, KeyState, MonitorState, Notice, ProgrammeMode, RecordingState};
use crate::sentence::Sentence;
use crate::switch::SoundSettings;

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
    pub broken: Option<Spoken>,
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
    /// What those say.
    pub heard: Vec<SwitcherView>,
    /// Who else is told our lamps.
    pub outputs: Vec<Link>,
    /// Who is to be told, as `returnfeed-director --out` has it. This machine's, and not the show's.
    pub told: Vec<String>,
    /// Addresses of this machine's interfaces, this machine alone first: what may be listened on.
    pub addresses: Vec<String>,
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
    /// This machine's battery, while the programme is on air and runs on it.
    pub battery: Option<Spoken>,
    /// The disk, while the programme is on air and there is little left.
    pub disk: Option<Spoken>,
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
            air: AirState::Off { reason: Sentence::default() },
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
            heard: Vec::new(),
            outputs: Vec::new(),
            told: Vec::new(),
            addresses: Vec::new(),
            pushes: Vec::new(),
            uplink: Uplink::default(),
            operators: Vec::new(),
            viewers: 0,
            cues: CueSheet::default(),
            answers: Vec::new(),
            battery: None,
            disk: None,
            found: Found::default(),
            check: None,
            refused: None,
            done: None,
            can_undo: false,
        }
    }
}

/// Something that was said once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Said {
    /// Counts them.
    pub n: u32,
    /// The sentence.
    pub says: Spoken,
}
