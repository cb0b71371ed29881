//! What a director's machine does around an engine: it keeps shows and settings, signs in, opens sessions, starts the
//! engine with the show that is open, and keeps the [`View`] that a window draws.
//!
//! `room` does what is asked, one thing at a time and never waiting; `shows` keeps the documents, `account` knows who we
//! are, `air` goes to the cloud and back there after a kill, `after` reports of what was, `check` looks whether all is
//! well and `way` what the way to the cloud carries. Refuses to know a window. Invariants: a press for the switcher waits for no cloud and no disk; what is on air is
//! not restarted for a setting.

mod account;
mod after;
mod air;
mod awake;
mod check;
mod cloud;
mod finder;
mod machine;
mod on_air;
mod power;
mod room;
mod settings;
mod shows;
mod tally;
mod way;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::figures::Figures;
use crate::multiview::Multiview;
use crate::secrets::SecretStore;
use crate::view::{Intent, View};
use room::Room;

/// Presses that may wait: a person makes ten a second at most, and each takes microseconds.
const INTENTS: usize = 64;

/// The engine that runs now; never locked for longer than a call that does not wait.
#[derive(Clone, Default)]
struct Running(Arc<Mutex<Option<Engine>>>);

impl Running {
    fn lock(&self) -> MutexGuard<'_, Option<Engine>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a director's machine keeps its files.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Shows and settings.
    pub data: PathBuf,
    /// What is written for people: exported shows, recordings.
    pub documents: PathBuf,
}

/// Why it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// A person started it: nothing goes on air by itself.
    Anew,
    /// The run before was killed: what was on air is brought back.
    Again,
}

/// A director's machine.
pub struct Studio {
    intents: mpsc::Sender<Intent>,
    view: watch::Receiver<View>,
    running: Running,
    over: CancellationToken,
    task: JoinHandle<()>,
}

/// More presses wait than a person can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the program is busy and did not take this; press again")]
pub struct Busy;

impl Studio {
    /// Opens the shows of this machine and the one that was open last. Must be called within a tokio runtime.
    #[must_use]
    pub fn open(folders: Folders, secrets: SecretStore, begin: Begin) -> Self {
        let (intents, inbox) = mpsc::channel(INTENTS);
        let (sender, view) = watch::channel(View::default());
        let running = Running::default();
        let over = CancellationToken::new();
        let room = Room::new(folders, secrets, begin, sender, running.clone());
        let task = tokio::spawn(room.run(inbox, over.clone()));
        Self { intents, view, running, over, task }
    }

    /// A person asks. What cannot be done is said in the view.
    ///
    /// # Errors
    /// When too many presses wait already.
    pub fn ask(&self, intent: Intent) -> Result<(), Busy> {
        self.intents.try_send(intent).map_err(|_| Busy)
    }

    /// What is to be drawn, now and at each change.
    pub fn watch(&self) -> watch::Receiver<View> {
        self.view.clone()
    }

    /// What changes with each frame, as it is now; nothing while no engine runs.
    pub fn figures(&self) -> Option<Figures> {
        self.running.lock().as_ref().map(Engine::figures)
    }

    /// The pictures of the engine that runs; nothing while none does.
    pub fn multiview(&self) -> Option<Multiview> {
        self.running.lock().as_ref().map(Engine::multiview)
    }

    /// Ends it: the tally's last word, the goodbye, the sources.
    pub async fn close(self) {
        self.over.cancel();
        if self.task.await.is_err() {
            tracing::error!("the studio did not end cleanly");
        }
    }
}

#[cfg(test)]
mod tests;
