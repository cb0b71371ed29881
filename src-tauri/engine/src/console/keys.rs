//! What is typed: `N`, `pN`, `t`, `tN`, `c`, `s`, `q`. Pure.
//!
//! Refuses to guess. Invariant: nothing typed by accident cuts.

use returnfeed_protocol::CameraNumber;
use returnfeed_tally::Lamps;

use crate::controller::Command;
use crate::sources::SourceNumber;

/// A line that is no command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{got:?} is no command; N puts source N on air, pN on preview, tN tests the lamp of camera N, t all lamps, c says which phones showed the last cut, s says everything again, q ends"
)]
pub struct KeyError {
    /// What was typed.
    pub got: String,
}

/// Reads a line; `None` when it is empty.
///
/// # Errors
/// When it is no command.
pub fn parse(line: &str) -> Result<Option<Command>, KeyError> {
    let line = line.trim();
    let wrong = || KeyError { got: line.chars().take(40).collect() };
    let number = |digits: &str| {
        let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse().ok()).flatten().and_then(SourceNumber::new).ok_or_else(wrong)
    };
    match line {
        "" => Ok(None),
        "t" | "T" => Ok(Some(Command::Test(Lamps::All))),
        "c" | "C" => Ok(Some(Command::Confirmations)),
        "s" | "S" => Ok(Some(Command::Status)),
        "q" | "Q" => Ok(Some(Command::Quit)),
        _ => match (line.strip_prefix(['p', 'P']), line.strip_prefix(['t', 'T'])) {
            (Some(digits), _) => number(digits).map(Command::Preview).map(Some),
            (_, Some(digits)) => {
                let camera = CameraNumber::try_from(number(digits)?.get()).map_err(|_| wrong())?;
                Ok(Some(Command::Test(Lamps::Of(camera))))
            }
            (None, None) => number(line).map(Command::Cut).map(Some),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_cut_and_p_numbers_preview() {
        let three = SourceNumber::new(3).unwrap();
        assert_eq!(parse(" 3\n"), Ok(Some(Command::Cut(three))));
        assert_eq!(parse("p3"), Ok(Some(Command::Preview(three))));
        assert_eq!(parse("t"), Ok(Some(Command::Test(Lamps::All))));
        assert_eq!(parse("t3"), Ok(Some(Command::Test(Lamps::Of(3.try_into().unwrap())))));
        assert_eq!(parse("c"), Ok(Some(Command::Confirmations)));
        assert_eq!(parse("s"), Ok(Some(Command::Status)));
        assert_eq!(parse("q"), Ok(Some(Command::Quit)));
        assert_eq!(parse(""), Ok(None));
    }

    #[test]
    fn anything_else_is_no_command() {
        for line in ["0", "100", "+1", "-1", "1 2", "p", "pp1", "t0", "tt", "cut 1", "١", "q!"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
