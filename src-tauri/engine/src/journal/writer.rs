//! The thread that writes the log.
//!
//! Refuses to give up: a disk that is full or gone is said, tried again each [`AGAIN`], and the log then says how many
//! lines it lacks. Invariants: who logs never waits; a line is the system's as soon as it is written, so that a program that
//! is killed loses none.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use returnfeed_report::{Begin, Entry, Happening};

use super::file;
use crate::clock::{EngineClock, EngineTime, wall_us};
use crate::gui::LogState;

/// Lines that may wait: a cut that two hundred phones answer, five times over.
const WAITING: usize = 1_024;
/// Where nothing happens a line says so this often: the last shot of a killed run is as long as that is known.
const ALIVE: Duration = Duration::from_secs(1);
/// A power cut costs at most this much.
const SAFE_EACH: Duration = Duration::from_secs(5);
/// How soon a disk that refused is asked again.
const AGAIN: Duration = Duration::from_secs(5);
/// Bytes of one log: a cut each second to twenty phones, for ten hours.
const LARGEST: u64 = 128 << 20;

/// Hears what becomes of the log. Must only pass the word on.
pub type OnLog = Box<dyn Fn(LogState) + Send>;

/// Takes lines; ends its thread, and the file with it, when dropped.
pub(super) struct Writer {
    sender: Option<SyncSender<Entry>>,
    /// Lines that found no room.
    lost: u64,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(folder: PathBuf, begin: Begin, clock: EngineClock, on: OnLog) -> io::Result<Self> {
        let (sender, lines) = sync_channel(WAITING);
        let show = begin.show.clone();
        let open = Box::new(move || {
            let (path, file) = file::open(&folder, &show)?;
            Ok((path.display().to_string(), Box::new(file) as Box<dyn Disk>))
        });
        let begin = entry(clock.now(), Happening::Begin(begin));
        let sheet = Sheet::new(begin, open, LARGEST);
        let work = move || run(sheet, &lines, &clock, &on);
        let thread = std::thread::Builder::new().name("session log".into()).spawn(work)?;
        Ok(Self { sender: Some(sender), lost: 0, thread: Some(thread) })
    }

    /// Never waits.
    pub(super) fn write(&mut self, at: EngineTime, what: Happening) {
        let Some(sender) = &self.sender else { return };
        if self.lost > 0 {
            if sender.try_send(entry(at, Happening::Gap { lost: self.lost })).is_err() {
                self.lost += 1;
                return;
            }
            self.lost = 0;
        }
        if sender.try_send(entry(at, what)).is_err() {
            self.lost += 1;
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.sender = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the session log ended before the session");
        }
    }
}

fn entry(at: EngineTime, what: Happening) -> Entry {
    Entry { at_us: u64::try_from(at.as_micros()).unwrap_or(u64::MAX), wall_us: wall_us(), what }
}

fn run(mut sheet: Sheet, lines: &Receiver<Entry>, clock: &EngineClock, on: &OnLog) {
    let say = |news: Option<LogState>| news.into_iter().for_each(on);
    say(sheet.open(Instant::now()));
    loop {
        let line = match lines.recv_timeout(ALIVE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => entry(clock.now(), Happening::Alive),
            Err(RecvTimeoutError::Disconnected) => return sheet.close(),
        };
        say(sheet.write(&line, Instant::now()));
    }
}

/// Where lines go.
trait Disk: Send {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn make_safe(&mut self) -> io::Result<()>;
}

impl Disk for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn make_safe(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Opens the log and says what it is called.
type Open = Box<dyn Fn() -> io::Result<(String, Box<dyn Disk>)> + Send>;

/// A log and what the disk said of it.
struct Sheet {
    /// What it begins with; it is first wherever the log begins.
    begin: Entry,
    open: Open,
    disk: State,
    /// Lines that the disk did not take.
    lost: u64,
    written: u64,
    most: u64,
    safe: Instant,
}

enum State {
    Closed {
        until: Option<Instant>,
    },
    Open {
        name: String,
        disk: Box<dyn Disk>,
    },
    /// It refused in the middle of a line, perhaps.
    Refused {
        name: String,
        disk: Box<dyn Disk>,
        until: Instant,
    },
    Full,
}

impl Sheet {
    fn new(begin: Entry, open: Open, most: u64) -> Self {
        let disk = State::Closed { until: None };
        Self { begin, open, disk, lost: 0, written: 0, most, safe: Instant::now() }
    }

    /// What is to be said of it, where that changed.
    fn open(&mut self, now: Instant) -> Option<LogState> {
        let first = self.begin.line();
        match (self.open)().and_then(|(name, mut disk)| disk.write(first.as_bytes()).map(|()| (name, disk))) {
            Ok((name, disk)) => {
                self.disk = State::Open { name: name.clone(), disk };
                Some(LogState::Running { file: name })
            }
            Err(error) => {
                let again = matches!(self.disk, State::Closed { until: Some(_) });
                self.disk = State::Closed { until: Some(now + AGAIN) };
                (!again).then(|| stopped(&error))
            }
        }
    }

    fn write(&mut self, line: &Entry, now: Instant) -> Option<LogState> {
        let back = match &self.disk {
            State::Closed { until } if until.is_none_or(|until| now >= until) => self.open(now),
            State::Refused { until, .. } if now >= *until => self.go_on(now),
            State::Closed { .. } | State::Refused { .. } | State::Open { .. } | State::Full => None,
        };
        let State::Open { disk, .. } = &mut self.disk else {
            self.lost += 1;
            return back;
        };
        let mut text = line.line();
        if self.lost > 0 {
            let gap = Entry { what: Happening::Gap { lost: self.lost }, ..line.clone() };
            text.insert_str(0, &gap.line());
        }
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let written = disk.write(text.as_bytes()).and_then(|()| {
            self.written = self.written.saturating_add(bytes);
            if now.saturating_duration_since(self.safe) < SAFE_EACH {
                return Ok(());
            }
            self.safe = now;
            disk.make_safe()
        });
        if let Err(error) = written {
            self.lost += 1;
            self.refused(now);
            return Some(stopped(&error));
        }
        self.lost = 0;
        if self.written >= self.most {
            self.disk = State::Full;
            let reason = format!("it has {} MB, which is all that a log may have", self.most >> 20);
            return Some(LogState::Stopped { reason });
        }
        back
    }

    /// Ends the line that may be torn, and goes on behind it.
    fn go_on(&mut self, now: Instant) -> Option<LogState> {
        let State::Refused { name, mut disk, .. } = std::mem::replace(&mut self.disk, State::Full) else {
            return None;
        };
        if disk.write(b"\n").is_ok() {
            let file = name.clone();
            self.disk = State::Open { name, disk };
            return Some(LogState::Running { file });
        }
        self.disk = State::Refused { name, disk, until: now + AGAIN };
        None
    }

    fn refused(&mut self, now: Instant) {
        self.disk = match std::mem::replace(&mut self.disk, State::Full) {
            State::Open { name, disk } => State::Refused { name, disk, until: now + AGAIN },
            other => other,
        };
    }

    fn close(self) {
        if let State::Open { mut disk, .. } = self.disk
            && let Err(error) = disk.make_safe()
        {
            tracing::warn!(%error, "the end of the session log may not be on the disk");
        }
    }
}

fn stopped(error: &io::Error) -> LogState {
    LogState::Stopped {
        reason: format!("it cannot be written ({error}); free the disk or choose another folder"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use returnfeed_report::{Evening, VERSION};

    use super::*;

    /// A disk with so many bytes left.
    #[derive(Clone, Default)]
    struct Small(Arc<Mutex<(Vec<u8>, usize)>>);

    impl Disk for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            let mut disk = self.0.lock().unwrap();
            let taken = bytes.len().min(disk.1);
            disk.0.extend_from_slice(&bytes[..taken]);
            disk.1 -= taken;
            if taken < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }

        fn make_safe(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Small {
        fn free(&self, bytes: usize) {
            self.0.lock().unwrap().1 = bytes;
        }

        fn evening(&self) -> Evening {
            Evening::read(&String::from_utf8(self.0.lock().unwrap().0.clone()).unwrap()).unwrap()
        }

        fn sheet(&self, most: u64) -> Sheet {
            let disk = self.clone();
            let begin = Begin {
                version: VERSION,
                show: "Sunday".into(),
                sources: vec![],
                beside: false,
                utc_offset_s: 0,
            };
            let open = Box::new(move || Ok(("log".to_owned(), Box::new(disk.clone()) as Box<dyn Disk>)));
            Sheet::new(entry(Duration::ZERO, Happening::Begin(begin)), open, most)
        }
    }

    fn line(second: u64) -> Entry {
        entry(Duration::from_secs(second), Happening::Black { black: true })
    }

    #[test]
    fn a_full_disk_is_said_once_and_what_is_missing_once_there_is_room_again() {
        let disk = Small::default();
        disk.free(10_000);
        let (mut sheet, now) = (disk.sheet(LARGEST), Instant::now());
        assert!(matches!(sheet.open(now), Some(LogState::Running { .. })));
        assert_eq!(sheet.write(&line(1), now), None);
        disk.free(7);
        assert!(matches!(sheet.write(&line(2), now), Some(LogState::Stopped { .. })));
        assert_eq!(sheet.write(&line(3), now), None);
        assert_eq!(sheet.write(&line(4), now + AGAIN), None, "still full");
        disk.free(10_000);
        assert_eq!(sheet.write(&line(5), now + AGAIN), None, "not asked so soon");
        let back = sheet.write(&line(6), now + AGAIN + AGAIN);
        assert_eq!(back, Some(LogState::Running { file: "log".into() }));
        let evening = disk.evening();
        assert_eq!((evening.damaged, evening.lost), (1, 4), "the torn line, and those that were not written");
        let seconds: Vec<u64> = evening.runs[0].happened.iter().map(|(at, _)| at.as_secs()).collect();
        assert_eq!(seconds, [1, 6, 6]);
    }

    #[test]
    fn a_log_that_is_as_long_as_it_may_be_says_so_and_takes_no_more() {
        let disk = Small::default();
        disk.free(1 << 30);
        let (mut sheet, now) = (disk.sheet(1_000), Instant::now());
        sheet.open(now);
        let said: Vec<LogState> = (0..100).filter_map(|second| sheet.write(&line(second), now)).collect();
        assert!(matches!(said.as_slice(), [LogState::Stopped { .. }]), "{said:?}");
        assert!(disk.0.lock().unwrap().0.len() < 1_200);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_said_and_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("sessions");
        std::fs::write(&blocked, "a file").unwrap();
        let begin = Begin {
            version: VERSION,
            show: "Sunday".into(),
            sources: vec![],
            beside: false,
            utc_offset_s: 0,
        };
        let to = blocked.clone();
        let open = Box::new(move || {
            let (path, file) = file::open(&to, "Sunday")?;
            Ok((path.display().to_string(), Box::new(file) as Box<dyn Disk>))
        });
        let (mut sheet, now) =
            (Sheet::new(entry(Duration::ZERO, Happening::Begin(begin)), open, LARGEST), Instant::now());
        assert!(matches!(sheet.open(now), Some(LogState::Stopped { .. })));
        assert_eq!(sheet.write(&line(1), now + AGAIN), None);
        std::fs::remove_file(&blocked).unwrap();
        assert!(matches!(sheet.write(&line(2), now + AGAIN + AGAIN), Some(LogState::Running { .. })));
        let log = std::fs::read_dir(&blocked).unwrap().next().unwrap().unwrap().path();
        let evening = Evening::read(&std::fs::read_to_string(log).unwrap()).unwrap();
        assert_eq!((evening.damaged, evening.lost), (0, 1));
    }
}
