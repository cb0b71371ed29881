//! What a person may ask of the window.

use returnfeed_protocol::{CameraNumber, CueText, Show, ShowId};
use serde::Deserialize;

use crate::gui::Door;
use crate::sources::SourceNumber;
use crate::switch::{KeyPicture, Manner, SoundSettings};

/// Which of two versions of a show is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Keep {
    /// This machine's.
    Ours,
    /// The cloud's.
    Theirs,
    /// The cloud's, and this machine's as a show of its own.
    Both,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Intent {
    /// Put a source on preview.
    Preview {
        /// Its key.
        source: SourceNumber,
    },
    /// Put a source on air now.
    HotCut {
        /// Its key.
        source: SourceNumber,
    },
    /// Put the preview on air.
    Cut,
    /// Bring the preview on air in this manner.
    Auto {
        /// In which.
        manner: Manner,
        /// How long it takes.
        duration_ms: u32,
    },
    /// Fade to black, or back.
    Black {
        /// Where to.
        black: bool,
        /// How long it takes.
        duration_ms: u32,
    },
    /// What the downstream key shows; nothing: it is emptied.
    KeyPicture {
        /// What.
        picture: Option<KeyPicture>,
    },
    /// Whether the key lies over the programme.
    Key {
        /// Whether.
        on: bool,
    },
    /// By what the programme's sound is made.
    Sound {
        /// By this.
        settings: SoundSettings,
    },
    /// Whether the programme is recorded.
    Record {
        /// Whether.
        on: bool,
    },
    /// Take the last change of key or sound back.
    UndoSetting,
    /// Bring the programme to the cloud, for these.
    Air {
        /// For whom.
        door: Door,
    },
    /// Take the programme away from the cloud.
    Stop,
    /// Show RED for ten seconds, to see that lamps work.
    TestLamps {
        /// Of this camera; of all when absent.
        camera: Option<CameraNumber>,
    },
    /// Say this to the operators of a camera, or to all; nothing: take it back.
    Cue {
        /// To whom.
        to: Option<CameraNumber>,
        /// What.
        text: Option<CueText>,
    },
    /// Whether every phone is silent.
    Silence {
        /// Whether.
        silent: bool,
    },
    /// A new show, and open it.
    NewShow {
        /// Its name.
        name: String,
    },
    /// Open another show.
    OpenShow {
        /// Which.
        id: ShowId,
    },
    /// A show from a file's text.
    ImportShow {
        /// The text.
        text: String,
    },
    /// Write a show to a file.
    ExportShow {
        /// Which.
        id: ShowId,
    },
    /// The same show again, under another name.
    DuplicateShow {
        /// Which.
        id: ShowId,
    },
    /// Delete a show.
    DeleteShow {
        /// Which.
        id: ShowId,
    },
    /// The open show is to be this.
    SaveShow {
        /// All of it.
        show: Box<Show>,
    },
    /// Take back the last change to the open show.
    Undo,
    /// Bring the shows in step with the cloud.
    Sync,
    /// Show what differs between two versions; nothing: close it.
    Compare {
        /// Which show.
        id: Option<ShowId>,
    },
    /// Choose between them.
    Choose {
        /// Which show.
        id: ShowId,
        /// What is kept.
        keep: Keep,
    },
    /// Work with this cloud.
    SetCloud {
        /// Its address.
        address: String,
        /// Of its own certificate; empty: the system's authorities are believed.
        fingerprint: String,
    },
    /// Sign in by password.
    SignIn {
        /// As registered.
        email: String,
        /// As chosen.
        password: Password,
    },
    /// Keep a secret that the show names on this machine.
    KeepSecret {
        /// By this name, as in the show.
        name: String,
        /// It.
        secret: Password,
    },
    /// Tell these our lamps, and nobody else.
    SetOutputs {
        /// As `returnfeed-director --out` has them.
        outputs: Vec<String>,
    },
    /// Sign in by the system's browser.
    SignInByBrowser,
    /// Sign out, and forget it on this machine; or wait for nobody to sign in any more.
    SignOut,
    /// The next session is a new one, with new links.
    NewSession,
    /// Look for NDI sources, or stop looking.
    Find {
        /// Whether.
        looking: bool,
    },
    /// Look at everything that a show needs.
    Check,
    /// Write the cut list and the tally report of the session that was on air or recorded last.
    Report {
        /// Of the tally report.
        language: ReportLanguage,
        /// Of the cut list.
        frames_per_second: u8,
    },
}

impl Intent {
    /// Whether the documents themselves are asked for, which a sync may hold.
    pub(crate) fn is_of_the_shows(&self) -> bool {
        matches!(
            self,
            Self::NewShow { .. }
                | Self::OpenShow { .. }
                | Self::ImportShow { .. }
                | Self::ExportShow { .. }
                | Self::DuplicateShow { .. }
                | Self::DeleteShow { .. }
                | Self::Compare { id: Some(_) }
                | Self::Choose { .. }
        )
    }
}

/// A language of the tally report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ReportLanguage {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// A password on its way from the page: never in a log.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Password(pub(crate) String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}
