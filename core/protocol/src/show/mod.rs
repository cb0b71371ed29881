//! The show: the director's document. Sources, cameras, tally inputs, outputs, keys, quality; never a secret.
//!
//! Forward rules. A show of a newer [`SHOW_VERSION`] is refused in a sentence. Within a version only fields are added:
//! one that this program does not know is kept in `rest` and written again, so an older program loses nothing. A new
//! kind, or a changed meaning, is a new version. Invariant: what [`Show::parse`] returns is within every bound of
//! `check`, and [`Show::to_text`] of it parses to the same show.

mod camera;
mod check;
mod digest;
mod error;
mod http;
mod output;
mod source;
mod switcher;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

pub use camera::{ShowCamera, ShowFeed, ShowGreen, ShowLink};
pub use digest::{NotADigest, ShowDigest};
pub use error::ShowError;
pub use http::{ShowEntry, ShowHistory, ShowPast};
pub use output::{OutputTarget, ShowOutput, ShowQuality};
pub use source::{ProgrammeMode, ShowSource, SourceInput};
pub use switcher::{SecretRef, ShowSwitcher, SwitcherProtocol, TslDisplay, TslTransport, TslVersion};

/// Version of the show's type that this program writes, and the newest that it reads.
pub const SHOW_VERSION: u16 = 1;

/// The longest text of a show, in bytes: below what the cloud takes as a body, with room to spare.
pub const SHOW_MAX_BYTES: usize = 48 * 1024;

/// The longest name of a show, in characters.
pub const SHOW_NAME_LONGEST: usize = 120;

/// What another program of the same version wrote beside what this one knows: kept as it is.
pub type Rest = BTreeMap<String, Value>;

/// A director's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Show {
    /// [`SHOW_VERSION`] of the program that wrote it; also what tells a show from any other JSON.
    pub returnfeed_show: u16,
    /// Shown in the list of shows; 1 to [`SHOW_NAME_LONGEST`] characters.
    pub name: String,
    /// Who cuts.
    #[serde(default)]
    pub programme: ProgrammeMode,
    /// In the order of their keys; at most 99.
    #[serde(default)]
    pub sources: Vec<ShowSource>,
    /// Foreign switchers whose tally is heard; at most 16.
    #[serde(default)]
    pub switchers: Vec<ShowSwitcher>,
    /// Names of cameras, and by which inputs they go on air; at most 99.
    #[serde(default)]
    pub cameras: Vec<ShowCamera>,
    /// What GREEN means.
    #[serde(default)]
    pub green: ShowGreen,
    /// Where the programme goes besides a session of the cloud; at most 8.
    #[serde(default)]
    pub outputs: Vec<ShowOutput>,
    /// Action → key, as `KeyboardEvent.code` with modifiers in front (`Shift+Digit1`); at most 256.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
    /// How the programme is encoded.
    #[serde(default)]
    pub quality: ShowQuality,
    /// Kept for a newer program of this version.
    #[serde(flatten)]
    #[ts(skip)]
    pub rest: Rest,
}

impl Show {
    /// An empty show.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            returnfeed_show: SHOW_VERSION,
            name: name.into(),
            programme: ProgrammeMode::default(),
            sources: Vec::new(),
            switchers: Vec::new(),
            cameras: Vec::new(),
            green: ShowGreen::default(),
            outputs: Vec::new(),
            keys: BTreeMap::new(),
            quality: ShowQuality::default(),
            rest: Rest::new(),
        }
    }

    /// Reads a show.
    ///
    /// # Errors
    /// When it is too long, no show, of a newer version, or outside a bound.
    pub fn parse(text: &str) -> Result<Self, ShowError> {
        if text.len() > SHOW_MAX_BYTES {
            return Err(ShowError::TooLong { bytes: text.len() });
        }
        let mark: Mark = serde_json::from_str(text).map_err(|error| ShowError::unreadable(&error))?;
        match mark.returnfeed_show {
            Some(1..=SHOW_VERSION) => {}
            Some(found) if found > SHOW_VERSION => return Err(ShowError::Newer { found }),
            Some(_) | None => return Err(ShowError::NotAShow),
        }
        let show: Self = serde_json::from_str(text).map_err(|error| ShowError::unreadable(&error))?;
        show.check()?;
        Ok(show)
    }

    /// The show as a file holds it: for people too.
    ///
    /// # Errors
    /// When it is outside a bound: what cannot be read again is not written.
    pub fn to_text(&self) -> Result<String, ShowError> {
        self.check()?;
        let mut text = serde_json::to_string_pretty(self).map_err(|error| ShowError::unreadable(&error))?;
        text.push('\n');
        if text.len() > SHOW_MAX_BYTES {
            return Err(ShowError::TooLong { bytes: text.len() });
        }
        Ok(text)
    }

    /// Whether everything is within its bounds and names what is there.
    ///
    /// # Errors
    /// Says which field is not, and what it may be.
    pub fn check(&self) -> Result<(), ShowError> {
        check::show(self)
    }
}

/// What is read first: the rest of a newer show may be anything.
#[derive(Deserialize)]
struct Mark {
    #[serde(default)]
    returnfeed_show: Option<u16>,
}

#[cfg(test)]
mod tests;
