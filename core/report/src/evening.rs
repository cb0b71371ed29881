//! A log put in order: its runs one after the other on one timeline.
//!
//! Refuses the wall clock for durations: within a run moments are those of the run's own clock, and the wall clock only
//! says how long nothing ran between two of them. Invariant: the timeline never goes back.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::entry::{Begin, Entry, Happening, VERSION};
use crate::wall::WallTime;

/// Everything that a log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evening {
    /// At least one, in order.
    pub runs: Vec<Run>,
    /// Lines that could not be read.
    pub damaged: usize,
    /// Lines that the disk did not take.
    pub lost: u64,
}

/// From a start of the director to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What the show is called.
    pub show: String,
    /// By key.
    pub sources: BTreeMap<u16, String>,
    /// Another switcher makes the programme.
    pub beside: bool,
    /// When it began, on the evening's timeline.
    pub begin: Duration,
    /// When it ended; where it was killed: when it last was known to live.
    pub end: Duration,
    /// It ended by its own decision.
    pub ended: bool,
    /// What happened and when, on the evening's timeline.
    pub happened: Vec<(Duration, Happening)>,
    began: WallTime,
    origin_us: u64,
}

/// Why a file is no log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotALog {
    /// It holds no run.
    #[error("it is no session log: no line of it says that a run begins")]
    Empty,
    /// A newer version wrote it.
    #[error("a newer ReturnFeed wrote it (version {got}, this one reads {VERSION}); use that one")]
    Newer {
        /// Of the log.
        got: u16,
    },
}

impl Evening {
    /// Reads a whole log.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(text: &str) -> Result<Self, NotALog> {
        let (mut runs, mut damaged, mut lost) = (Vec::<Run>::new(), 0, 0);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match Entry::read(line) {
                Some(Entry { at_us, wall_us, what: Happening::Begin(begin) }) => {
                    if begin.version > VERSION {
                        return Err(NotALog::Newer { got: begin.version });
                    }
                    let run = Run::begin(begin, at_us, wall_us, runs.last());
                    runs.push(run);
                }
                Some(entry) => match runs.last_mut() {
                    Some(run) => {
                        if let Happening::Gap { lost: lines } = entry.what {
                            lost += lines;
                        }
                        run.take(entry);
                    }
                    None => damaged += 1,
                },
                None => damaged += 1,
            }
        }
        for run in &mut runs {
            // What is written later may have happened earlier: a cut waits for nobody.
            run.happened.sort_by_key(|(at, _)| *at);
        }
        if runs.is_empty() { Err(NotALog::Empty) } else { Ok(Self { runs, damaged, lost }) }
    }

    /// When it began.
    pub fn began(&self) -> WallTime {
        self.runs.first().map_or(WallTime { us: 0, utc_offset_s: 0 }, |run| run.began)
    }

    /// What the show is called.
    pub fn show(&self) -> &str {
        self.runs.first().map_or("", |run| &run.show)
    }

    /// How long it was.
    pub fn length(&self) -> Duration {
        self.runs.last().map_or(Duration::ZERO, |run| run.end)
    }

    /// What happened and when, with its run.
    pub fn happened(&self) -> impl Iterator<Item = (&Run, Duration, &Happening)> {
        self.runs.iter().flat_map(|run| run.happened.iter().map(move |(at, what)| (run, *at, what)))
    }
}

impl Run {
    fn begin(begin: Begin, origin_us: u64, wall_us: u64, before: Option<&Self>) -> Self {
        let Begin { show, sources, beside, utc_offset_s, .. } = begin;
        let base = before.map_or(Duration::ZERO, |run| {
            let by_the_wall = Duration::from_micros(wall_us.saturating_sub(run.began.us)) + run.begin;
            by_the_wall.max(run.end)
        });
        Self {
            show,
            sources: sources.into_iter().map(|one| (one.source, one.name)).collect(),
            beside,
            begin: base,
            end: base,
            ended: false,
            happened: Vec::new(),
            began: WallTime { us: wall_us, utc_offset_s },
            origin_us,
        }
    }

    fn take(&mut self, Entry { at_us, what, .. }: Entry) {
        let at = self.at(at_us);
        self.end = self.end.max(at);
        self.ended |= matches!(what, Happening::End { .. });
        self.happened.push((at, what));
    }

    /// A moment of the run's clock on the evening's timeline.
    pub fn at(&self, us: u64) -> Duration {
        self.begin + Duration::from_micros(us.saturating_sub(self.origin_us))
    }

    /// What the wall clock showed, had it gone on from the run's begin as the run's clock did.
    pub fn wall(&self, at: Duration) -> WallTime {
        let since = u64::try_from(at.saturating_sub(self.begin).as_micros()).unwrap_or(u64::MAX);
        WallTime { us: self.began.us.saturating_add(since), ..self.began }
    }
}
