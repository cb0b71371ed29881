//! Which encoder runs, and why none of the better ones does.
//!
//! Pure: the proof of a candidate is given as a function. It refuses to name an encoder that was not proven in this
//! run. Invariant: the report has one line for every candidate, each with a reason.

use super::candidate::Candidate;
use super::table::{CANDIDATES, named};

/// The state of the choice among all candidates.
#[derive(Debug)]
pub(crate) struct Choice {
    lines: Vec<Line>,
    /// Index of the running one in `lines`.
    current: Option<usize>,
    generation: u64,
    /// A word about an asked-for name that is not known.
    unknown: Option<String>,
}

#[derive(Debug)]
struct Line {
    candidate: &'static Candidate,
    verdict: Verdict,
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Waiting,
    Chosen(String),
    PassedOver(String),
    Failed(String),
}

/// The encoder that runs now; `generation` grows with every change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current {
    /// Its row of the table.
    pub(crate) candidate: &'static Candidate,
    /// Counts changes, so that each layer can tell whether it runs the current one.
    pub(crate) generation: u64,
}

/// No candidate encodes here; each line of the report says why.
#[derive(Debug, thiserror::Error)]
#[error(
    "no H.264 encoder works on this machine. Install one (Debian: gstreamer1.0-plugins-ugly for x264, \
     gstreamer1.0-plugins-bad for OpenH264) or mend one of these:\n{report}"
)]
pub(crate) struct NoEncoder {
    report: String,
}

impl Choice {
    /// Tries the preferred one first (`auto`: none), then the table in its order, until one is proven.
    pub(crate) fn make(
        preferred: &str,
        prove: impl FnMut(&'static Candidate) -> Result<String, String>,
    ) -> Self {
        let wish = named(preferred);
        let unknown = (preferred != "auto" && wish.is_none()).then(|| {
            format!(
                "{preferred}: passed over: this element does not know how to set it up; it knows those below"
            )
        });
        let rest = CANDIDATES.iter().filter(|row| wish.is_none_or(|wish| wish.factory != row.factory));
        let lines =
            wish.into_iter().chain(rest).map(|candidate| Line { candidate, verdict: Verdict::Waiting });
        let mut choice = Self { lines: lines.collect(), current: None, generation: 0, unknown };
        choice.advance(prove);
        choice
    }

    /// The running encoder.
    pub(crate) fn current(&self) -> Result<Current, NoEncoder> {
        let running = self.current.and_then(|index| self.lines.get(index));
        let candidate =
            running.map(|line| line.candidate).ok_or_else(|| NoEncoder { report: self.report() })?;
        Ok(Current { candidate, generation: self.generation })
    }

    /// Grows with every choice, also with one that ends without an encoder.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The encoder of this generation has failed while it ran: on to the next one that is proven. An old
    /// generation's failure says nothing about the running one.
    pub(crate) fn fail(
        &mut self,
        generation: u64,
        reason: &str,
        prove: impl FnMut(&'static Candidate) -> Result<String, String>,
    ) {
        if generation != self.generation {
            return;
        }
        if let Some(line) = self.current.take().and_then(|index| self.lines.get_mut(index)) {
            line.verdict = Verdict::Failed(reason.to_owned());
        }
        self.advance(prove);
    }

    /// One line for each candidate: `name: verdict: reason`.
    pub(crate) fn report(&self) -> String {
        let lines = self.lines.iter().map(Line::text);
        self.unknown.iter().cloned().chain(lines).collect::<Vec<_>>().join("\n")
    }

    fn advance(&mut self, mut prove: impl FnMut(&'static Candidate) -> Result<String, String>) {
        self.generation += 1;
        for (index, line) in self.lines.iter_mut().enumerate() {
            if line.verdict != Verdict::Waiting {
                continue;
            }
            match prove(line.candidate) {
                Ok(proof) => {
                    line.verdict = Verdict::Chosen(proof);
                    self.current = Some(index);
                    return;
                }
                Err(reason) => line.verdict = Verdict::PassedOver(reason),
            }
        }
    }
}

impl Line {
    fn text(&self) -> String {
        let (verdict, reason) = match &self.verdict {
            Verdict::Waiting => ("not tried", "one before it works"),
            Verdict::Chosen(proof) => ("chosen", proof.as_str()),
            Verdict::PassedOver(reason) => ("passed over", reason.as_str()),
            Verdict::Failed(reason) => ("failed while running", reason.as_str()),
        };
        let one_line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{} ({}): {verdict}: {one_line}", self.candidate.factory, self.candidate.family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(working: &'static [&'static str]) -> impl FnMut(&'static Candidate) -> Result<String, String> {
        move |row| match working.contains(&row.factory) {
            true => Ok("proven".to_owned()),
            false => Err("absent".to_owned()),
        }
    }

    #[test]
    fn the_first_that_is_proven_runs_and_every_line_has_a_reason() {
        let choice = Choice::make("auto", only(&["x264enc", "openh264enc"]));
        assert_eq!(choice.current().expect("one works").candidate.factory, "x264enc");
        let report = choice.report();
        assert_eq!(report.lines().count(), CANDIDATES.len());
        assert!(report.contains("nvh264enc (NVENC): passed over: absent"), "{report}");
        assert!(report.contains("x264enc (x264): chosen: proven"), "{report}");
        assert!(report.contains("openh264enc (OpenH264): not tried: one before it works"), "{report}");
    }

    #[test]
    fn a_wish_is_tried_first_and_does_not_cost_the_picture() {
        let choice = Choice::make("openh264enc", only(&["x264enc", "openh264enc"]));
        assert_eq!(choice.current().expect("one works").candidate.factory, "openh264enc");
        let choice = Choice::make("nvh264enc", only(&["x264enc"]));
        assert_eq!(choice.current().expect("one works").candidate.factory, "x264enc");
        let choice = Choice::make("h264", only(&["x264enc"]));
        assert!(
            choice.report().starts_with("h264: passed over: this element does not know"),
            "{}",
            choice.report()
        );
    }

    #[test]
    fn a_failure_moves_on_once_however_many_layers_report_it() {
        let mut choice = Choice::make("auto", only(&["x264enc", "openh264enc"]));
        let first = choice.current().expect("one works").generation;
        choice.fail(first, "session lost", only(&["openh264enc"]));
        choice.fail(first, "session lost", only(&["openh264enc"]));
        let now = choice.current().expect("another works");
        assert_eq!((now.candidate.factory, now.generation), ("openh264enc", first + 1));
        assert!(choice.report().contains("x264enc (x264): failed while running: session lost"));
    }

    #[test]
    fn when_nothing_is_left_the_sentence_says_what_to_do() {
        let choice = Choice::make("auto", only(&[]));
        let sentence = choice.current().expect_err("none works").to_string();
        assert!(
            sentence.contains("Install one")
                && sentence.contains("openh264enc (OpenH264): passed over: absent")
        );
    }
}
