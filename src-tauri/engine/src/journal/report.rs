//! What is made of a log after the show: the cut list and the tally report, as files.
//!
//! Refuses to write over a file. Invariant: what was read is said, what was written is named.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use returnfeed_report::{
    CutList, Evening, FrameRate, Happening, Language, NotALog, SourceTimes, TallyReport, edl, otio,
};

use super::file;

/// Which files are wanted, and how they count.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The cut list as CMX 3600; a long one goes on in `NAME-2.edl`, `NAME-3.edl`, …
    pub edl: Option<PathBuf>,
    /// The cut list as OpenTimelineIO.
    pub otio: Option<PathBuf>,
    /// The tally report as Markdown, or as JSON where the file is called so; repeated as often as wanted.
    pub tally: Vec<PathBuf>,
    /// Frames in a second of the cut list.
    pub rate: FrameRate,
    /// What its source times are; nothing: those of the recording where there is one, else the time of day.
    pub times: Option<SourceTimes>,
    /// Of the report.
    pub language: Language,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The files, in the order in which they were written.
    pub files: Vec<PathBuf>,
    /// Events of the cut list.
    pub cuts: usize,
    /// What the cut list's source times are.
    pub times: SourceTimes,
}

/// Why nothing is made of a log.
#[derive(Debug, thiserror::Error)]
pub enum NoReport {
    /// It cannot be read.
    #[error("{} cannot be read: {error}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is none.
    #[error("{} cannot be used: {error}", .path.display())]
    Log {
        /// Which.
        path: PathBuf,
        /// Why.
        error: NotALog,
    },
    /// What is made of it cannot be written.
    #[error("{} cannot be written: {error}", .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No frame of it is in the cut list.
    #[error("nothing of this session was on air for a frame, so there is no cut list")]
    Empty,
}

/// Logs that are looked into for the last session: each time that the sources are opened anew makes one.
const LOOKED_INTO: usize = 50;

/// The log of the session that was on air or recorded last; where none was, the newest.
///
/// # Errors
/// When the folder cannot be read.
pub fn latest(folder: &Path) -> io::Result<Option<PathBuf>> {
    let logs = match file::list(folder) {
        Ok(logs) => logs,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let was_on = |what: &Happening| matches!(what, Happening::Air { on: true } | Happening::Recording { .. });
    let session = logs
        .iter()
        .take(LOOKED_INTO)
        .find(|log| read(log).is_ok_and(|evening| evening.happened().any(|(_, _, what)| was_on(what))));
    Ok(session.or(logs.first()).cloned())
}

/// Reads a log.
///
/// # Errors
/// Where it is none.
pub fn read(log: &Path) -> Result<Evening, NoReport> {
    let path = || log.to_owned();
    let bytes = std::fs::read(log).map_err(|error| NoReport::Read { path: path(), error })?;
    // A power cut may leave anything in a line: it costs that line.
    let text = String::from_utf8_lossy(&bytes);
    Evening::read(&text).map_err(|error| NoReport::Log { path: path(), error })
}

/// Writes every file that is asked for.
///
/// # Errors
/// Why one cannot be; those before it are there.
pub fn write(evening: &Evening, asked: &Asked) -> Result<Written, NoReport> {
    let (times, list) = cut_list(evening, asked);
    let mut files = Vec::new();
    if asked.edl.is_some() || asked.otio.is_some() {
        if list.events.is_empty() {
            return Err(NoReport::Empty);
        }
        if let Some(path) = &asked.edl {
            for (part, text) in edl(&list).iter().enumerate() {
                put(&mut files, part_of(path, part + 1), text)?;
            }
        }
        if let Some(path) = &asked.otio {
            put(&mut files, path.clone(), &format!("{:#}\n", otio(&list)))?;
        }
    }
    let report = TallyReport::new(evening);
    for path in &asked.tally {
        let text = match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
            true => format!("{:#}\n", serde_json::to_value(&report).unwrap_or_default()),
            false => report.markdown(asked.language),
        };
        put(&mut files, path.clone(), &text)?;
    }
    Ok(Written { files, cuts: list.events.len(), times })
}

/// By the recording where there is one.
fn cut_list(evening: &Evening, asked: &Asked) -> (SourceTimes, CutList) {
    let of = |times| (times, CutList::new(evening, asked.rate, times));
    match asked.times {
        Some(times) => of(times),
        None => match of(SourceTimes::Recording) {
            (_, list) if list.events.is_empty() => of(SourceTimes::Clock),
            recorded => recorded,
        },
    }
}

/// `NAME.edl`, `NAME-2.edl`, …
fn part_of(path: &Path, part: usize) -> PathBuf {
    if part == 1 {
        return path.to_owned();
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|it| format!(".{}", it.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{name}-{part}{extension}"))
}

fn put(files: &mut Vec<PathBuf>, path: PathBuf, text: &str) -> Result<(), NoReport> {
    let written = File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| NoReport::Write { path: path.clone(), error })?;
    files.push(path);
    Ok(())
}
