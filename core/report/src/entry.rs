//! One line of the log: a moment and what happened. Only ever added to: who reads must pass over what is not known.

use returnfeed_protocol::{CameraNumber, PageNumber, ParticipantId, Tally};
use serde::{Deserialize, Serialize};

/// Of the format; a reader refuses a higher one.
pub const VERSION: u16 = 1;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// µs on the run's own clock, which never jumps; of a change of the programme: of the frame that shows it.
    pub at_us: u64,
    /// µs since 1970 when the line was written, as this machine's clock had it.
    pub wall_us: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Happening {
    /// A run begins. What stands before it in the same file was of a run that was killed.
    Begin(Begin),
    /// What is on the buses of the built-in switcher.
    Buses {
        /// On air.
        programme: u16,
        /// Next.
        preview: Option<u16>,
        /// On air too: a transition brings it in.
        incoming: Option<u16>,
    },
    /// A transition begins, just before the buses say so; absent: none runs any more.
    Transition {
        /// Which.
        running: Option<Effect>,
    },
    /// What a foreign switcher has on air.
    OnAir {
        /// Its name.
        switcher: String,
        /// Its inputs, as it names them.
        inputs: Vec<String>,
    },
    /// The programme goes black, or comes back.
    Black {
        /// Where it goes.
        black: bool,
    },
    /// A file of the recording begins.
    Recording {
        /// Its path.
        file: String,
        /// The moment of its first frame, on the clock of `at_us`.
        began_us: u64,
    },
    /// Nothing is recorded any more.
    RecordingEnded {
        /// Why it stopped by itself; absent where a person asked.
        #[serde(default)]
        reason: Option<String>,
    },
    /// The programme goes to a session of a cloud, or not any more.
    Air {
        /// Whether it does.
        on: bool,
    },
    /// The cloud is heard, or not any more.
    Cloud {
        /// Whether it is.
        #[serde(flatten)]
        health: Health,
    },
    /// A foreign switcher is heard, or not any more.
    Switcher {
        /// Its name.
        switcher: String,
        /// Whether it is.
        #[serde(flatten)]
        health: Health,
    },
    /// Frames of a source come, or not any more.
    Source {
        /// Its key.
        source: u16,
        /// Whether they do.
        #[serde(flatten)]
        health: Health,
    },
    /// An operator is there, or not any more.
    Operator {
        /// Who.
        participant: ParticipantId,
        /// As they named themselves.
        name: String,
        /// Which camera they follow.
        camera: Option<CameraNumber>,
        /// Whether any page of theirs is there.
        here: bool,
    },
    /// A camera's lamp changed.
    Lamp {
        /// Which.
        camera: CameraNumber,
        /// Its name in the show.
        name: String,
        /// What it shows now.
        tally: Tally,
        /// It is only tried.
        #[serde(default)]
        test: bool,
    },
    /// A page shows its lamp.
    Shown {
        /// Which page.
        page: PageNumber,
        /// Whose.
        name: String,
        /// Which camera it follows.
        camera: CameraNumber,
        /// What is on the screen.
        tally: Tally,
        /// From the director's word to the page's answer; absent where the page came after the word.
        took_ms: Option<u64>,
    },
    /// A page has not said in time that it shows its lamp.
    Missing {
        /// Which page.
        page: PageNumber,
        /// Whose.
        name: String,
        /// Which camera it follows.
        camera: CameraNumber,
        /// What it should show.
        tally: Tally,
    },
    /// A page says that it shows *unknown* although its lamp is known.
    ShowsUnknown {
        /// Which page.
        page: PageNumber,
        /// Whose.
        name: String,
        /// Which camera it follows.
        camera: CameraNumber,
    },
    /// Lines are missing here: the disk was full, or did not keep up.
    Gap {
        /// How many.
        lost: u64,
    },
    /// Nothing else happened: a run that is killed is known to have lived until here.
    Alive,
    /// The run ended by its own decision.
    End {
        /// Why; empty where a person asked.
        reason: String,
    },
}

/// What a run begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// [`VERSION`] of who wrote it.
    pub version: u16,
    /// What the show is called.
    pub show: String,
    /// Its sources.
    pub sources: Vec<Named>,
    /// Another switcher makes the programme.
    pub beside: bool,
    /// What local time is ahead of UTC, in seconds.
    pub utc_offset_s: i32,
}

/// A source of the show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its key.
    pub source: u16,
    /// Its name.
    pub name: String,
}

/// Whether something is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether.
    pub up: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Health {
    /// It is there.
    pub const UP: Self = Self { up: true, reason: None };

    /// It is not, for this reason.
    pub fn down(reason: impl Into<String>) -> Self {
        Self { up: false, reason: Some(reason.into()) }
    }
}

/// A transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// In which manner.
    pub manner: Manner,
    /// How long it is to take.
    pub duration_ms: u64,
}

/// The manner of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// One picture shines through the other.
    Mix,
    /// The new picture is uncovered from the left: SMPTE wipe 1.
    Wipe,
}

impl Entry {
    /// As it stands in the log, with its line's end.
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self)
            .unwrap_or_else(|error| unreachable!("an entry has only named fields and strings: {error}"));
        line.push('\n');
        line
    }

    /// Reads a line; nothing where it was cut short, or a newer version wrote it.
    pub fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}
