//! The recording: the high layer as it was encoded, in files that survive a crash.
//!
//! `matroska` says what is to be written, `file` writes it, on a thread of its own. Refuses to hold up what is on air: a
//! disk that does not keep up loses frames of the recording, up to the next keyframe. Invariant: it stops with a sentence
//! before the disk is full, and never writes over a file.

mod ebml;
mod file;
mod matroska;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use returnfeed_media::{Track, Unit};

use crate::gui::RecordingState;
use file::Recording;

/// Two seconds of both tracks.
const WAITING: usize = 220;
/// Below this many bytes nothing is begun: half an hour must fit, and what the system needs.
const TO_BEGIN: u64 = 1_000_000_000;
/// Below this many bytes it stops.
const TO_GO_ON: u64 = 300_000_000;
/// How often the disk is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often the screen is told of it.
const TELL: Duration = Duration::from_secs(60);

/// How many bytes a disk has left.
pub type Space = Box<dyn Fn(&Path) -> std::io::Result<u64> + Send>;
/// Hears what the recording does. Must only pass the word on.
pub type OnRecording = Box<dyn Fn(RecordingState) + Send>;

/// What the thread is told.
enum Told {
    Start,
    Stop,
    Unit(Unit),
    End,
}

/// Where files go, and what they are called.
pub struct RecorderConfig {
    /// The folder; made where it is not there. Without one nothing is recorded.
    pub folder: Option<PathBuf>,
    /// What the show is called.
    pub show: String,
}

/// A thread that records while it is told to.
pub struct Recorder {
    inlet: Inlet,
    thread: Option<JoinHandle<()>>,
}

/// Takes units; cheap to clone.
#[derive(Clone)]
pub struct Inlet {
    sender: SyncSender<Told>,
    /// Whether anything is recorded: nobody is woken for what nobody wants.
    open: Arc<AtomicBool>,
    /// Frames were lost: nothing more until the next keyframe.
    torn: Arc<Mutex<bool>>,
}

impl Recorder {
    /// Starts the thread, which waits.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(config: RecorderConfig, space: Space, on: OnRecording) -> std::io::Result<Self> {
        let (sender, told) = sync_channel(WAITING);
        let open = Arc::new(AtomicBool::new(false));
        let work = Work {
            config,
            space,
            on,
            open: Arc::clone(&open),
            recording: None,
            wanted: false,
            looked: Instant::now(),
            said: None,
        };
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || work.run(&told))?;
        Ok(Self { inlet: Inlet { sender, open, torn: Arc::default() }, thread: Some(thread) })
    }

    /// What takes the units.
    pub fn inlet(&self) -> Inlet {
        self.inlet.clone()
    }

    /// Records, or no longer.
    pub fn record(&self, on: bool) {
        if on {
            // From now, so that the keyframe that is asked for is not missed.
            self.inlet.open.store(true, Ordering::Relaxed);
        }
        // It is emptied by a thread that only writes: where it is full for so long, the disk hangs and says so itself.
        if let Err(error) = self.inlet.sender.try_send(if on { Told::Start } else { Told::Stop }) {
            tracing::warn!(%error, "the recorder does not hear");
        }
    }
}

impl Inlet {
    /// A unit of the high layer; true where a keyframe is needed. Never waits.
    pub fn push(&self, unit: &Unit) -> bool {
        if !self.open.load(Ordering::Relaxed) {
            return false;
        }
        let mut torn = self.torn.lock().unwrap_or_else(PoisonError::into_inner);
        if *torn && !(unit.track == Track::Video && unit.keyframe) {
            return false;
        }
        *torn = matches!(self.sender.try_send(Told::Unit(unit.clone())), Err(TrySendError::Full(_)));
        *torn
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ended = self.inlet.sender.send(Told::End);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the recorder panicked");
        }
    }
}

struct Work {
    config: RecorderConfig,
    space: Space,
    on: OnRecording,
    /// Shared with the inlets.
    open: Arc<AtomicBool>,
    recording: Option<Recording>,
    wanted: bool,
    looked: Instant,
    said: Option<Instant>,
}

impl Work {
    fn run(mut self, told: &Receiver<Told>) {
        loop {
            let told = told.recv_timeout(LOOK);
            if matches!(told, Ok(Told::End) | Err(RecvTimeoutError::Disconnected)) {
                return self.stop(None);
            }
            let done = match told {
                Ok(Told::Start) => self.start(),
                Ok(Told::Stop) => {
                    if self.wanted {
                        self.stop(Some(RecordingState::Off));
                    }
                    Ok(())
                }
                Ok(Told::Unit(unit)) if self.wanted => self.unit(&unit),
                Ok(Told::Unit(_) | Told::End) | Err(_) => Ok(()),
            };
            if let Err(reason) = done.and_then(|()| self.look()) {
                self.stop(Some(RecordingState::Stopped { reason }));
            }
        }
    }

    fn start(&mut self) -> Result<(), String> {
        if self.wanted {
            return Ok(());
        }
        let folder = self.folder()?;
        std::fs::create_dir_all(&folder).map_err(|error| {
            format!("the folder {} cannot be made ({error}); choose another", folder.display())
        })?;
        let free = self.free(&folder)?;
        if free < TO_BEGIN {
            return Err(format!(
                "the disk has {} MB left and a recording needs {}; free some of it",
                free / 1_000_000,
                TO_BEGIN / 1_000_000
            ));
        }
        self.wanted = true;
        self.open.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn unit(&mut self, unit: &Unit) -> Result<(), String> {
        let failed = |error: std::io::Error| {
            format!("it cannot be written ({error}); free the disk or choose another")
        };
        if let Some(old) = self.recording.take_if(|recording| recording.is_of_another(unit)) {
            old.end().map_err(failed)?;
        }
        if self.recording.is_none() && unit.track == Track::Video && unit.keyframe {
            self.recording =
                Recording::begin(&self.folder()?, &file_name(&self.config.show), unit).map_err(failed)?;
            self.said = None;
        }
        match &mut self.recording {
            Some(recording) => recording.unit(unit).map_err(failed),
            None => Ok(()),
        }
    }

    /// Stops before the disk is full.
    fn look(&mut self) -> Result<(), String> {
        let due = self.looked.elapsed() >= LOOK || self.said.is_none();
        let Some((path, began)) =
            self.recording.as_ref().map(|one| (one.path().to_owned(), one.began())).filter(|_| due)
        else {
            return Ok(());
        };
        self.looked = Instant::now();
        let free_bytes = self.free(&path)?;
        if free_bytes < TO_GO_ON {
            let left = free_bytes / 1_000_000;
            return Err(format!("the disk has {left} MB left; free some of it and record again"));
        }
        if self.said.is_none_or(|said| said.elapsed() >= TELL) {
            self.said = Some(Instant::now());
            (self.on)(RecordingState::Running { file: path.display().to_string(), free_bytes, began });
        }
        Ok(())
    }

    fn stop(&mut self, state: Option<RecordingState>) {
        self.wanted = false;
        self.open.store(false, Ordering::Relaxed);
        let ended = self.recording.take().map_or(Ok(()), Recording::end);
        if let Err(error) = ended {
            // It can be played all the same.
            tracing::warn!(%error, "the recording could not be completed");
        }
        if let Some(state) = state {
            (self.on)(state);
        }
    }

    fn folder(&self) -> Result<PathBuf, String> {
        self.config.folder.clone().ok_or_else(|| "no folder for recordings is named; name one".to_owned())
    }

    fn free(&self, path: &Path) -> Result<u64, String> {
        (self.space)(path).map_err(|error| format!("the disk does not say what it has left ({error})"))
    }
}

/// A file's name: the show and the local time, without what file systems refuse.
pub(crate) fn file_name(show: &str) -> String {
    let now = gst::glib::DateTime::now_local().and_then(|now| now.format("%Y-%m-%d %H-%M-%S"));
    let now = now.map_or_else(|_| crate::clock::wall_us().to_string(), |now| now.to_string());
    let show = match show.trim() {
        "" => "ReturnFeed",
        show => show,
    };
    let plain = |c: char| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c };
    let show: String = show.chars().map(plain).take(60).collect();
    format!("{} {now}", show.trim_start_matches('.'))
}

/// What the system says of a disk.
///
/// # Errors
/// What it says instead.
#[cfg(unix)]
pub fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let disk = nix::sys::statvfs::statvfs(path)?;
    Ok(disk.blocks_available() * disk.fragment_size())
}

/// Where the system is not asked, only a refused write stops a recording.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn free_bytes(_: &Path) -> std::io::Result<u64> {
    Ok(u64::MAX)
}

#[cfg(test)]
mod tests;
