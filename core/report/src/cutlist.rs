//! The shots in frames: where each stands in the finished programme, and where in its source.
//!
//! Invariants: events follow each other without a gap; an event is at least one frame long and as long in its source as
//! in the programme; a transition is no longer than its event.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::entry::{Happening, Manner};
use crate::evening::{Evening, Run};
use crate::shots::{Entrance, Shot, shots};
use crate::timecode::{FrameRate, Frames};

/// Programmes begin at one o'clock, as is the custom.
const RECORD_BEGINS_S: u64 = 3_600;

/// What the times of a source are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceTimes {
    /// The position in the recording of the programme, whose first frame is 00:00:00:00: to cut that file up, or to lay
    /// files over it that were started with it. What was not recorded is not in the list.
    Recording,
    /// The time of day: for cameras whose timecode is that.
    Clock,
}

/// What was on air, in frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutList {
    /// What the show is called.
    pub title: String,
    /// In which all frames are counted.
    pub rate: FrameRate,
    /// Where the first begins in the programme.
    pub begins: Frames,
    /// In order.
    pub events: Vec<Event>,
}

/// Something that was on air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name; `None`: nothing that is known of.
    pub name: Option<String>,
    /// The same as a reel: eight characters of A–Z, 0–9 and `_`; `BL`: nothing.
    pub reel: String,
    /// How it comes.
    pub kind: EventKind,
    /// Its first frame in the source.
    pub source: Frames,
    /// Its first frame in the programme; of a transition: the first that shows anything of it.
    pub record: Frames,
    /// How long it is.
    pub length: Frames,
    /// The file of the recording that holds it.
    pub file: Option<String>,
}

/// How an event comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// At once.
    Cut,
    /// By a transition that takes so many frames from the event's first on.
    Effect(Manner, Frames),
}

/// A part of the evening whose sources are counted from one moment.
struct Span {
    begin: Duration,
    end: Duration,
    source: Frames,
    file: Option<String>,
}

impl CutList {
    /// The whole evening, or what of it was recorded.
    pub fn new(evening: &Evening, rate: FrameRate, times: SourceTimes) -> Self {
        let shots = shots(evening);
        let spans: Vec<Span> = match times {
            SourceTimes::Recording => evening.runs.iter().flat_map(recorded).collect(),
            SourceTimes::Clock => {
                evening.runs.iter().filter_map(|run| by_the_clock(run, &shots, rate)).collect()
            }
        };
        let begins = rate.frames(Duration::from_secs(RECORD_BEGINS_S));
        let mut reels = Reels::default();
        let (mut events, mut record) = (Vec::new(), begins);
        for span in &spans {
            for shot in &shots {
                events.extend(span.event(shot, rate, record, &mut reels));
            }
            record = record + rate.frames(span.end.saturating_sub(span.begin));
        }
        Self { title: evening.show().to_owned(), rate, begins, events }
    }
}

impl Span {
    /// What of a shot is in it; nothing where that is not one frame.
    fn event(&self, shot: &Shot, rate: FrameRate, record: Frames, reels: &mut Reels) -> Option<Event> {
        let place = |at: Duration| rate.frames(at.clamp(self.begin, self.end) - self.begin);
        let (first, last) = (place(shot.begin), place(shot.end));
        let length = last - first;
        if length == Frames(0) {
            return None;
        }
        let kind = match shot.entrance {
            Entrance::Effect(manner, takes) if shot.begin > self.begin && rate.frames(takes) > Frames(0) => {
                EventKind::Effect(manner, rate.frames(takes).min(length))
            }
            Entrance::Effect(..) | Entrance::Cut => EventKind::Cut,
        };
        let name = shot.name.clone();
        let reel = name.as_deref().map_or_else(|| "BL".to_owned(), |name| reels.of(name));
        let (source, record) = (self.source + first, record + first);
        Some(Event { name, reel, kind, source, record, length, file: self.file.clone() })
    }
}

/// The files of a run's recordings.
fn recorded(run: &Run) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open: Option<(Duration, String)> = None;
    let mut close = |open: &mut Option<(Duration, String)>, end: Duration| {
        if let Some((begin, file)) = open.take().filter(|(begin, _)| *begin < end) {
            spans.push(Span { begin, end, source: Frames(0), file: Some(file) });
        }
    };
    for (at, what) in &run.happened {
        match what {
            Happening::Recording { file, began_us } => {
                let began = run.at(*began_us);
                close(&mut open, began);
                open = Some((began, file.clone()));
            }
            Happening::RecordingEnded { .. } => close(&mut open, *at),
            _ => {}
        }
    }
    close(&mut open, run.end);
    spans
}

/// A whole run, from its first picture on.
fn by_the_clock(run: &Run, shots: &[Shot], rate: FrameRate) -> Option<Span> {
    let first = shots.iter().find(|shot| shot.begin >= run.begin && shot.end <= run.end)?;
    let of_day = Duration::from_micros(run.wall(first.begin).of_day_us());
    Some(Span { begin: first.begin, end: run.end, source: rate.frames(of_day), file: None })
}

/// Gives each source a reel of its own.
#[derive(Default)]
struct Reels {
    given: BTreeMap<String, String>,
}

/// Of a reel's name.
const REEL: usize = 8;

impl Reels {
    fn of(&mut self, name: &str) -> String {
        if let Some(reel) = self.given.get(name) {
            return reel.clone();
        }
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        // What is left of a name in another script would say little; and two names have a meaning of their own.
        let whole = plain.len() * 2 >= name.chars().filter(|c| c.is_alphanumeric()).count();
        let base = match plain.to_ascii_uppercase() {
            plain if !whole || plain.is_empty() || plain == "BL" || plain == "AX" => "SOURCE".to_owned(),
            plain => plain,
        };
        let numbered = (2..).map(|n: u64| {
            let end = n.to_string();
            format!("{}{end}", cut(&base, REEL.saturating_sub(end.len())))
        });
        let first = cut(&base, REEL).to_owned();
        let reel =
            std::iter::once(first).chain(numbered).find(|reel| !self.given.values().any(|one| one == reel));
        let reel = reel.unwrap_or(base);
        self.given.insert(name.to_owned(), reel.clone());
        reel
    }
}

/// Of ASCII.
fn cut(text: &str, most: usize) -> &str {
    text.get(..most).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_a_reel_of_its_own_of_eight_characters() {
        let mut reels = Reels::default();
        let names = [
            "Cam 1",
            "Camera left",
            "Camera leather",
            "왼쪽 카메라",
            "오른쪽 카메라 2",
            "bl",
            "Cam 1",
            "카메라 B",
        ];
        let given: Vec<String> = names.iter().map(|name| reels.of(name)).collect();
        assert_eq!(
            given,
            ["CAM1", "CAMERALE", "CAMERAL2", "SOURCE", "SOURCE2", "SOURCE3", "CAM1", "SOURCE4"]
        );
    }
}
