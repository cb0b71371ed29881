//! What is on air, so that another run can go on with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::controller::Command;
use crate::gui::{Gui, Notice, RecordingState};
use crate::sources::SourceNumber;
use crate::switch::{KeyPicture, SoundSettings};

/// Everything that a person did and that a new run would not know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// On air.
    pub programme: Option<SourceNumber>,
    /// Next.
    pub preview: Option<SourceNumber>,
    /// Whether the programme is recorded.
    #[serde(default)]
    pub recording: bool,
    /// By what the sound is made.
    #[serde(default)]
    pub sound: SoundSettings,
    /// What the key shows.
    #[serde(default)]
    pub key: Option<KeyPicture>,
    /// Whether it is on.
    #[serde(default)]
    pub key_on: bool,
    /// Whether the programme is black.
    #[serde(default)]
    pub black: bool,
}

impl Standing {
    /// What a killed run left; nothing where there is no file, or none that can be read.
    pub fn read(path: &Path) -> Self {
        let Ok(text) = fs::read_to_string(path) else { return Self::default() };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "what was on air cannot be read; beginning anew");
            Self::default()
        })
    }

    /// What brings a new run there; the programme itself it must begin with.
    pub fn commands(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        commands.extend(self.preview.map(Command::Preview));
        if self.sound != SoundSettings::default() {
            commands.push(Command::Sound(self.sound));
        }
        if self.black {
            commands.push(Command::Black { black: true, duration: Duration::ZERO });
        }
        if self.key.is_some() {
            commands.push(Command::KeyPicture(self.key.clone()));
            commands.extend(self.key_on.then_some(Command::Key(true)));
        }
        if self.recording {
            commands.push(Command::Record(true));
        }
        commands
    }

    /// Whether a notice changes it.
    fn hear(&mut self, notice: &Notice) -> bool {
        let before = self.clone();
        match notice {
            Notice::Buses { programme, preview, incoming, .. } => {
                // A transition that was cut short has happened.
                self.programme = Some(incoming.unwrap_or(*programme));
                self.preview = if incoming.is_some() { Some(*programme) } else { *preview };
            }
            Notice::Recording { state } => self.recording = matches!(state, RecordingState::Running { .. }),
            Notice::Audio { settings } => self.sound = *settings,
            Notice::Key { state } => {
                self.key.clone_from(&state.shows);
                self.key_on = state.on;
            }
            Notice::Black { black } => self.black = *black,
            _ => {}
        }
        *self != before
    }
}

/// Tells another screen, and keeps what is on air in a file.
pub struct Remember<G> {
    gui: G,
    standing: Standing,
    writer: Writer,
}

impl<G: Gui> Remember<G> {
    /// Keeps it in `path`, which is there as long as the run did not end by itself.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(gui: G, path: PathBuf, standing: Standing) -> io::Result<Self> {
        Ok(Self { gui, standing, writer: Writer::start(path)? })
    }
}

impl<G: Gui> Gui for Remember<G> {
    fn show(&mut self, notice: Notice) {
        if self.standing.hear(&notice) {
            self.writer.hand(Some(self.standing.clone()));
        }
        if matches!(notice, Notice::Ended { .. }) {
            self.writer.hand(None);
        }
        self.gui.show(notice);
    }
}

/// Writes the newest on a thread of its own: a screen must not wait for a disk.
struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// What is to be in the file; `Some(None)`: no file.
    newest: Option<Option<Standing>>,
    ended: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    fn start(path: PathBuf) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let work = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("standing".into()).spawn(move || keep(&path, &work))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    fn hand(&self, standing: Option<Standing>) {
        self.shared.lock().newest = Some(standing);
        self.shared.wake.notify_one();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.wake.notify_one();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("what is on air is not kept any more");
        }
    }
}

fn keep(path: &Path, shared: &Shared) {
    let mut waiting = shared.lock();
    loop {
        if let Some(newest) = waiting.newest.take() {
            drop(waiting);
            let written = match newest {
                Some(standing) => write(path, &standing),
                None => {
                    forget(path);
                    Ok(())
                }
            };
            if let Err(error) = written {
                tracing::warn!(%error, path = %path.display(), "what is on air could not be kept");
            }
            waiting = shared.lock();
        } else if waiting.ended {
            return;
        } else {
            waiting = shared.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// There is nothing to come back to.
pub fn forget(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "the next run comes back to what is over");
    }
}

/// In whole or not at all.
fn write(path: &Path, standing: &Standing) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, serde_json::to_string(standing)?)?;
    fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::KeyState;

    struct Nobody;

    impl Gui for Nobody {
        fn show(&mut self, _: Notice) {}
    }

    fn source(number: u16) -> SourceNumber {
        SourceNumber::new(number).unwrap()
    }

    #[test]
    fn what_is_on_air_is_in_the_file_until_the_run_ends_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("standing.json");
        let mut remember = Remember::new(Nobody, path.clone(), Standing::default()).unwrap();
        let (programme, preview) = (source(2), Some(source(1)));
        remember.show(Notice::Buses { programme, preview, incoming: Some(source(3)), at: Duration::ZERO });
        remember.show(Notice::Recording {
            state: RecordingState::Running { file: "a.mkv".into(), free_bytes: 1, began: Duration::ZERO },
        });
        let key = KeyPicture::LowerThird { title: "Ada".into(), subtitle: String::new() };
        let state = KeyState { on: true, shows: Some(key.clone()), trouble: None };
        remember.show(Notice::Key { state });
        drop(remember);
        let found = Standing::read(&path);
        assert_eq!(
            (found.programme, found.preview, found.recording),
            (Some(source(3)), Some(source(2)), true)
        );
        let commands = found.commands();
        let expected = [
            Command::Preview(source(2)),
            Command::KeyPicture(Some(key)),
            Command::Key(true),
            Command::Record(true),
        ];
        assert_eq!(commands, expected);

        let mut remember = Remember::new(Nobody, path.clone(), found).unwrap();
        remember.show(Notice::Ended { reason: String::new() });
        drop(remember);
        assert_eq!(Standing::read(&path), Standing::default());
        fs::write(&path, "{").unwrap();
        assert_eq!(Standing::read(&path), Standing::default());
    }
}
