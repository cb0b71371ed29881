//! The files of session logs.
//!
//! Invariants: a file is written by one process at a time, which holds its lock; a file whose run was killed is gone on
//! with by the next run of the same show, and no other is.

use std::fs::{File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use returnfeed_report::{Entry, Happening};

/// Of a log.
const EXTENSION: &str = "jsonl";
/// As many logs stay in their folder: years of Sundays, and each time that the sources were opened anew.
const KEPT: usize = 400;
/// A killed run is the same evening for so long.
const SAME_EVENING: Duration = Duration::from_secs(12 * 3_600);
/// A last line is not longer than this.
const TAIL: u64 = 4_096;

/// Every log of a folder, the newest first.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut logs = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION)
            && let Ok(changed) = path.metadata().and_then(|metadata| metadata.modified())
        {
            logs.push((changed, path));
        }
    }
    logs.sort_unstable_by(|a, b| b.cmp(a));
    Ok(logs.into_iter().map(|(_, path)| path).collect())
}

/// The file of a run that begins now, locked, at the end of what is in it.
///
/// # Errors
/// When there can be none.
pub(super) fn open(folder: &Path, show: &str) -> io::Result<(PathBuf, File)> {
    std::fs::create_dir_all(folder)?;
    let logs = list(folder)?;
    if let Some(newest) = logs.first()
        && let Some(file) = gone_on_with(newest, show)?
    {
        return Ok((newest.clone(), file));
    }
    let made = create(folder, &crate::record::file_name(show))?;
    for old in logs.iter().skip(KEPT - 1) {
        if let Err(error) = std::fs::remove_file(old) {
            tracing::warn!(%error, path = %old.display(), "an old session log stays");
        }
    }
    Ok(made)
}

/// The file, where a run of this show was killed a while ago.
fn gone_on_with(path: &Path, show: &str) -> io::Result<Option<File>> {
    let mut file = File::options().read(true).append(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        // Another director of this machine writes it.
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
    let mut first = String::new();
    // What is no text is no log of ours.
    if age > SAME_EVENING || BufReader::new(&file).take(TAIL * 16).read_line(&mut first).is_err() {
        return Ok(None);
    }
    let same = matches!(Entry::read(&first), Some(Entry { what: Happening::Begin(begin), .. }) if begin.show == show);
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    (&file).take(TAIL).read_to_end(&mut tail)?;
    let tail = String::from_utf8_lossy(&tail);
    let last = tail.lines().next_back().and_then(Entry::read);
    if !same || matches!(last, Some(Entry { what: Happening::End { .. }, .. })) {
        return Ok(None);
    }
    if !tail.ends_with('\n') {
        file.write_all(b"\n")?;
    }
    Ok(Some(file))
}

/// Never over another file.
fn create(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    for n in 1..1_000 {
        let name = if n == 1 { format!("{name}.{EXTENSION}") } else { format!("{name} ({n}).{EXTENSION}") };
        let path = folder.join(name);
        match File::options().append(true).create_new(true).open(&path) {
            Ok(file) => {
                file.lock()?;
                return Ok((path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "a thousand files have this name"))
}

#[cfg(test)]
mod tests {
    use returnfeed_report::{Begin, VERSION};

    use super::*;

    fn line(what: Happening) -> String {
        Entry { at_us: 0, wall_us: 0, what }.line()
    }

    fn begun(folder: &Path, show: &str) -> PathBuf {
        let (path, mut file) = open(folder, show).unwrap();
        let show = show.to_owned();
        let begin = Begin { version: VERSION, show, sources: Vec::new(), beside: false, utc_offset_s: 0 };
        file.write_all(line(Happening::Begin(begin)).as_bytes()).unwrap();
        path
    }

    #[test]
    fn a_killed_run_of_the_same_show_is_gone_on_with_and_its_torn_line_ends() {
        let folder = tempfile::tempdir().unwrap();
        let killed = begun(folder.path(), "Sunday");
        File::options().append(true).open(&killed).unwrap().write_all(b"{\"at_us\":3").unwrap();
        let (path, _lock) = open(folder.path(), "Sunday").unwrap();
        assert_eq!(path, killed);
        assert!(std::fs::read_to_string(&path).unwrap().ends_with("{\"at_us\":3\n"));
    }

    #[test]
    fn a_run_that_ended_another_show_and_a_log_that_is_being_written_stay_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let killed = begun(folder.path(), "Sunday");
        let (other, running) = open(folder.path(), "Monday").unwrap();
        assert_ne!(other, killed);
        drop(running);
        std::fs::remove_file(&other).unwrap();
        let (same, running) = open(folder.path(), "Sunday").unwrap();
        assert_eq!(same, killed);
        let (beside, second) = open(folder.path(), "Sunday").unwrap();
        assert_ne!(beside, killed, "the first still writes");
        drop((running, second));
        std::fs::remove_file(&beside).unwrap();
        let end = line(Happening::End { reason: String::new() });
        File::options().append(true).open(&killed).unwrap().write_all(end.as_bytes()).unwrap();
        assert_ne!(open(folder.path(), "Sunday").unwrap().0, killed);
    }

    #[test]
    fn the_oldest_logs_give_way() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..KEPT + 20 {
            std::fs::write(folder.path().join(format!("{n}.jsonl")), "").unwrap();
        }
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        begun(folder.path(), "Sunday");
        assert_eq!(list(folder.path()).unwrap().len(), KEPT);
        assert!(folder.path().join("notes.txt").exists());
    }
}
