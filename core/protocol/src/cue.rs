//! The director's short messages to camera operators, and what operators say back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CameraNumber, Epoch, UnknownWord, word::words};

/// A text that is no cue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a cue is one line of 1 to {max} characters, not {got}", max = CueText::MAX)]
pub struct NotACue {
    /// How many characters it has.
    pub got: usize,
}

/// What a cue says: one line, read at a glance. It is text and never markup.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("minLength" = 1, "maxLength" = Self::MAX))]
#[ts(type = "string")]
pub struct CueText(String);

impl CueText {
    /// In characters: what a phone shows large.
    pub const MAX: usize = 80;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CueText {
    type Error = NotACue;

    fn try_from(text: String) -> Result<Self, NotACue> {
        let text = text.trim();
        let got = text.chars().count();
        let is_line = text.chars().all(|c| !c.is_control() && !is_invisible(c));
        if (1..=Self::MAX).contains(&got) && is_line {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotACue { got })
        }
    }
}

/// What turns a line around or makes two out of it (Unicode 15, bidirectional controls, separators, byte order mark).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl From<CueText> for String {
    fn from(text: CueText) -> Self {
        text.0
    }
}

/// Which cue, of all that were ever said in a session.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema,
)]
pub struct CueId {
    /// The director run that said it.
    pub epoch: Epoch,
    /// In the order said.
    #[ts(type = "number")]
    pub n: u64,
}

/// A short message to an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Cue {
    /// Which.
    pub id: CueId,
    /// To whom; absent: to all.
    pub to: Option<CameraNumber>,
    /// What it says.
    pub text: CueText,
}

/// Everything that the director says to operators now. State: the newest takes the place of the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct CueSheet {
    /// No phone may sound: a beep beside a live camera goes on air.
    pub silent: bool,
    /// The newest for each camera and the newest for all: at most [`CueSheet::MAX`].
    pub cues: Vec<Cue>,
}

impl CueSheet {
    /// One for each camera number, and one for all.
    pub const MAX: usize = CameraNumber::MAX as usize + 1;

    /// What stands for a camera: the newer of its own and that for all.
    pub fn cue_for(&self, camera: Option<CameraNumber>) -> Option<&Cue> {
        self.cues.iter().filter(|cue| cue.to.is_none() || cue.to == camera).max_by_key(|cue| cue.id)
    }
}

words!(
    /// What an operator says to a cue, by a tap. The first answer stands.
    CueAnswer, "read, ready, cannot" {
        /// Seen.
        Read = "read",
        /// Seen, and done.
        Ready = "ready",
        /// Seen, and not possible.
        Cannot = "cannot",
    }
);

/// An answer to a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct Answered {
    /// Which.
    pub cue: CueId,
    /// What.
    pub answer: CueAnswer,
}

words!(
    /// What an operator says of their own accord; it stands until they take it back.
    Signal, "hand, problem" {
        /// A raised hand: a word, when there is time.
        Hand = "hand",
        /// Something is wrong here.
        Problem = "problem",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Result<CueText, NotACue> {
        CueText::try_from(text.to_owned())
    }

    fn cue(n: u64, to: Option<u16>) -> Cue {
        let to = to.map(|number| number.try_into().unwrap());
        Cue { id: CueId { epoch: Epoch(1), n }, to, text: text("wide").unwrap() }
    }

    #[test]
    fn a_cue_is_one_short_line_and_markup_is_only_letters() {
        assert_eq!(text("  3-2-1 ").unwrap().as_str(), "3-2-1");
        assert_eq!(text("<b>와이드</b>").unwrap().as_str(), "<b>와이드</b>");
        assert_eq!(text(&"가".repeat(80)).map(|text| text.as_str().len()), Ok(240));
        for wrong in ["", "   ", "a\nb", "a\u{7}", "a\u{202e}b", &"가".repeat(81)] {
            assert!(text(wrong).is_err(), "{wrong:?}");
        }
        assert!(serde_json::from_str::<CueText>("\"a\\nb\"").is_err());
    }

    #[test]
    fn a_camera_reads_the_newer_of_its_own_and_that_for_all() {
        let sheet = CueSheet { silent: false, cues: vec![cue(2, None), cue(3, Some(1)), cue(1, Some(2))] };
        let read = |camera: Option<u16>| {
            sheet.cue_for(camera.map(|number| number.try_into().unwrap())).map(|cue| cue.id.n)
        };
        assert_eq!([read(Some(1)), read(Some(2)), read(None)], [Some(3), Some(2), Some(2)]);
        assert_eq!(CueSheet::default().cue_for(None), None);
    }
}
