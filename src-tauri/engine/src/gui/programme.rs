//! What the switcher does beside its buses, where the programme goes and whether it is recorded, for the screen.

use serde::{Deserialize, Serialize};

use crate::clock::EngineTime;
use crate::sentence::Sentence;
use crate::sources::SourceNumber;
use crate::switch::KeyPicture;

/// The downstream key, for the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct KeyState {
    /// Whether it lies over the programme.
    pub on: bool,
    /// What it shows; `None`: nothing is loaded.
    pub shows: Option<KeyPicture>,
    /// Why what was asked for last could not be loaded, and what to do; what was loaded before stays.
    pub trouble: Option<String>,
}

/// Who makes the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ProgrammeMode {
    /// This switcher.
    BuiltIn,
    /// Another one, whose programme is one of our sources.
    Beside {
        /// That source.
        source: SourceNumber,
        /// The switchers whose tally is heard; may be empty.
        switchers: Vec<String>,
    },
}

/// Who is let in to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Door {
    /// Operators alone: a rehearsal.
    Operators,
    /// Everybody: live.
    Everybody,
}

/// How far the programme is on its way to a session of a cloud, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum AirState {
    /// It stays here.
    Off {
        /// Why it went off by itself; empty where a person asked, or nobody did yet.
        #[cfg_attr(test, ts(type = "string"))]
        reason: Sentence,
    },
    /// It is being brought there; while it is tried again, [`super::Notice::Cloud`] says why.
    Starting {
        /// For whom; `None`: as the session stands.
        door: Option<Door>,
    },
    /// It is there.
    On {
        /// For whom; `None`: as the session stands.
        door: Option<Door>,
    },
    /// It is being taken away.
    Stopping,
}

/// The recording, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum RecordingState {
    /// Nothing is recorded.
    Off,
    /// It is written.
    Running {
        /// The file.
        file: String,
        /// How many bytes the disk still has.
        free_bytes: u64,
        /// The moment of the file's first frame, for the session log.
        #[serde(skip)]
        began: EngineTime,
    },
    /// It stopped by itself, or could not begin. The show goes on.
    Stopped {
        /// Why and what to do.
        reason: String,
    },
}

/// The session log, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum LogState {
    /// It is written.
    Running {
        /// The file.
        file: String,
    },
    /// It is not. The show goes on.
    Stopped {
        /// Why and what to do.
        reason: String,
    },
}

/// The picture as it comes back from the cloud, for the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum MonitorState {
    /// The programme goes to no cloud.
    #[default]
    Off,
    /// It is asked for.
    Calling,
    /// It comes back; said each second.
    Seen {
        /// From capture to decoded here, in ms; absent: the clocks are not known yet.
        delay_ms: Option<u32>,
        /// Pictures in the last second.
        pictures_per_second: u32,
    },
    /// It does not; it is asked for again.
    Lost {
        /// Why and what to do.
        reason: String,
    },
}

/// A setting that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Change {
    /// What the key shows.
    KeyPicture,
    /// Whose sound, how loud, whether at all.
    Sound,
}
