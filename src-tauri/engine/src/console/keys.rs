//! What is typed: `N`, `pN`, `x`, `aMS`, `wMS`, `f1`, `f0`, `l TEXT`, `k1`, `k0`, `v1`, `v0`, `u`, `t`, `tN`, `m TEXT`,
//! `mN TEXT`, `b0`, `b1`, `r`, `c`, `s`, `q`. Pure.
//!
//! Refuses to guess. Invariant: nothing typed by accident cuts.

use std::time::Duration;

use returnfeed_protocol::{CameraNumber, CueText};
use returnfeed_tally::Lamps;

use crate::controller::Command;
use crate::sources::SourceNumber;
use crate::switch::{KeyPicture, Manner, Transition};

/// How long a fade or a transition takes where nothing else is said.
const FADE: Duration = Duration::from_secs(1);

/// Cues that are written by their number where none are named at the start.
pub const PRESETS: [&str; 5] = ["wide", "tight", "hold", "focus", "3-2-1"];

/// A line that is no command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not one of those known.
    #[error(
        "{got:?} is no command; N puts source N on air, pN on preview, x what is on preview; aMS mixes to it within MS ms, wMS wipes; f1 fades to black, f0 back; l TITLE / SUBTITLE sets a lower third, k1 shows it, k0 hides it; v1 records, v0 does no longer; u takes a setting back; tN tests the lamp of camera N, t all lamps; mN TEXT says TEXT to camera N, m TEXT to all, =1 stands for the first preset, mN alone takes it back; b0 silences every phone, b1 lets them sound; r says who is ready, c which phones showed the last cut, s everything again, q ends"
    )]
    Unknown {
        /// What was typed.
        got: String,
    },
    /// Not a text for operators.
    #[error("not said: {0}")]
    Cue(#[from] returnfeed_protocol::NotACue),
    /// No preset has this number.
    #[error("there is no preset {got:?}; the presets are {}", numbered(.presets))]
    NoPreset {
        /// What was typed.
        got: String,
        /// Those there are.
        presets: Vec<String>,
    },
}

fn numbered(presets: &[String]) -> String {
    (1..).zip(presets).map(|(n, text)| format!("={n} {text}")).collect::<Vec<_>>().join(", ")
}

/// Reads a line; `None` when it is empty.
///
/// # Errors
/// When it is no command.
pub fn parse(line: &str, presets: &[CueText]) -> Result<Option<Command>, KeyError> {
    let line = line.trim();
    let wrong = || KeyError::Unknown { got: line.chars().take(40).collect() };
    if let Some(message) = line.strip_prefix(['m', 'M']) {
        return cue(message, presets, wrong).map(Some);
    }
    if let Some(words) = line.strip_prefix(['l', 'L']) {
        return lower_third(words).ok_or_else(wrong).map(Some);
    }
    if let Some(rest) = line.strip_prefix(['a', 'A', 'w', 'W']) {
        let manner = if line.starts_with(['a', 'A']) { Manner::Mix } else { Manner::Wipe };
        return transition(manner, rest).ok_or_else(wrong).map(Some);
    }
    let number = |digits: &str| {
        let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse().ok()).flatten().and_then(SourceNumber::new).ok_or_else(wrong)
    };
    let command = match line {
        "" => return Ok(None),
        "t" | "T" => Command::Test(Lamps::All),
        "x" | "X" => Command::Swap,
        "f1" | "F1" => Command::Black { black: true, duration: FADE },
        "f0" | "F0" => Command::Black { black: false, duration: FADE },
        "k1" | "K1" => Command::Key(true),
        "k0" | "K0" => Command::Key(false),
        "v1" | "V1" => Command::Record(true),
        "v0" | "V0" => Command::Record(false),
        "u" | "U" => Command::Undo,
        "b0" | "B0" => Command::Silence(true),
        "b1" | "B1" => Command::Silence(false),
        "r" | "R" => Command::Readiness,
        "c" | "C" => Command::Confirmations,
        "s" | "S" => Command::Status,
        "q" | "Q" => Command::Quit,
        _ => match (line.strip_prefix(['p', 'P']), line.strip_prefix(['t', 'T'])) {
            (Some(digits), _) => Command::Preview(number(digits)?),
            (_, Some(digits)) => {
                let camera = CameraNumber::try_from(number(digits)?.get()).map_err(|_| wrong())?;
                Command::Test(Lamps::Of(camera))
            }
            (None, None) => Command::Cut(number(line)?),
        },
    };
    Ok(Some(command))
}

/// A space stands before the words; none at all empty the key.
fn lower_third(words: &str) -> Option<Command> {
    let (title, subtitle) = words.split_once('/').unwrap_or((words, ""));
    if !words.is_empty() && !words.starts_with(char::is_whitespace) {
        return None;
    }
    let text = |words: &str| words.trim().chars().take(100).collect::<String>();
    let picture = KeyPicture::LowerThird { title: text(title), subtitle: text(subtitle) };
    Some(Command::KeyPicture((!words.trim().is_empty()).then_some(picture)))
}

/// Nothing: the usual time.
fn transition(manner: Manner, ms: &str) -> Option<Command> {
    let duration = match ms {
        "" => FADE,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Duration::from_millis(digits.parse().ok()?)
        }
        _ => return None,
    };
    Some(Command::Auto(Transition { manner, duration }))
}

/// `N TEXT`, ` TEXT`, `N` or nothing. Between whom and what stands a space: `m3-2-1` is neither.
fn cue(message: &str, presets: &[CueText], wrong: impl Fn() -> KeyError) -> Result<Command, KeyError> {
    let (to, text) = message.split_once(char::is_whitespace).unwrap_or((message, ""));
    let to = match to {
        "" => None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let number = digits.parse::<u16>().map_err(|_| wrong())?;
            Some(CameraNumber::try_from(number).map_err(|_| wrong())?)
        }
        _ => return Err(wrong()),
    };
    let text = match text.trim() {
        "" => None,
        text => Some(match text.strip_prefix('=') {
            Some(number) => preset(number, presets)?,
            None => CueText::try_from(text.to_owned())?,
        }),
    };
    Ok(Command::Cue { to, text })
}

fn preset(number: &str, presets: &[CueText]) -> Result<CueText, KeyError> {
    let index = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    index.and_then(|index| presets.get(index)).cloned().ok_or_else(|| KeyError::NoPreset {
        got: format!("={number}").chars().take(40).collect(),
        presets: presets.iter().map(|text| text.as_str().to_owned()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Command>, KeyError> {
        super::parse(line, &[text("wide"), text("쓰리 투 원")])
    }

    fn text(text: &str) -> CueText {
        text.to_owned().try_into().unwrap()
    }

    fn camera(number: u16) -> CameraNumber {
        number.try_into().unwrap()
    }

    #[test]
    fn numbers_cut_and_p_numbers_preview() {
        let three = SourceNumber::new(3).unwrap();
        assert_eq!(parse(" 3\n"), Ok(Some(Command::Cut(three))));
        assert_eq!(parse("p3"), Ok(Some(Command::Preview(three))));
        assert_eq!(parse("t"), Ok(Some(Command::Test(Lamps::All))));
        assert_eq!(parse("t3"), Ok(Some(Command::Test(Lamps::Of(camera(3))))));
        assert_eq!(parse("c"), Ok(Some(Command::Confirmations)));
        assert_eq!(parse("r"), Ok(Some(Command::Readiness)));
        assert_eq!(parse("s"), Ok(Some(Command::Status)));
        assert_eq!(parse("q"), Ok(Some(Command::Quit)));
        assert_eq!(parse(""), Ok(None));
    }

    #[test]
    fn m_says_a_text_to_one_camera_or_to_all_and_takes_it_back() {
        let cue = |to: Option<u16>, said: Option<&str>| {
            Ok(Some(Command::Cue { to: to.map(camera), text: said.map(text) }))
        };
        assert_eq!(parse("m2 tighter, slowly"), cue(Some(2), Some("tighter, slowly")));
        assert_eq!(parse("m 3-2-1"), cue(None, Some("3-2-1")));
        assert_eq!(parse("m2 =2"), cue(Some(2), Some("쓰리 투 원")));
        assert_eq!(parse("m2"), cue(Some(2), None));
        assert_eq!(parse("m"), cue(None, None));
        assert_eq!(parse("b0"), Ok(Some(Command::Silence(true))));
        assert_eq!(parse("b1"), Ok(Some(Command::Silence(false))));
        let missing = parse("m =9").unwrap_err().to_string();
        assert!(missing.contains("=1 wide, =2 쓰리 투 원"), "{missing}");
        let long = parse(&format!("m {}", "a".repeat(81))).unwrap_err().to_string();
        assert!(long.contains("1 to 80 characters, not 81"), "{long}");
    }

    #[test]
    fn the_switcher_mixes_fades_keys_and_records_by_a_letter() {
        let mix =
            |manner, ms| Ok(Some(Command::Auto(Transition { manner, duration: Duration::from_millis(ms) })));
        assert_eq!(parse("x"), Ok(Some(Command::Swap)));
        assert_eq!(parse("a"), mix(Manner::Mix, 1_000));
        assert_eq!(parse("a500"), mix(Manner::Mix, 500));
        assert_eq!(parse("w2000"), mix(Manner::Wipe, 2_000));
        assert_eq!(parse("f1"), Ok(Some(Command::Black { black: true, duration: FADE })));
        let third = KeyPicture::LowerThird { title: "김민준".into(), subtitle: "Seoul".into() };
        assert_eq!(parse("l 김민준 / Seoul"), Ok(Some(Command::KeyPicture(Some(third)))));
        assert_eq!(parse("l"), Ok(Some(Command::KeyPicture(None))));
        assert_eq!(
            (parse("k1"), parse("v1")),
            (Ok(Some(Command::Key(true))), Ok(Some(Command::Record(true))))
        );
        assert_eq!(parse("u"), Ok(Some(Command::Undo)));
    }

    #[test]
    fn anything_else_is_no_command() {
        for line in [
            "0", "100", "+1", "-1", "1 2", "p", "pp1", "t0", "tt", "cut 1", "١", "q!", "m0 a", "m100 a",
            "m3-2-1", "b", "b2", "ab", "w-1", "lone", "k", "f2", "v",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
