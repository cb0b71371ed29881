//! From the page to the studio: two commands of three lines.

use std::sync::{Mutex, MutexGuard, PoisonError};

use returnfeed_engine::studio::Studio;
use returnfeed_engine::view::{Intent, View};
use tauri::{AppHandle, Manager, Runtime, State};

/// The studio, until it is closed.
pub(crate) struct Held(Mutex<Option<Studio>>);

impl Held {
    pub(crate) const fn new(studio: Studio) -> Self {
        Self(Mutex::new(Some(studio)))
    }

    /// Asks the studio for something that does not wait.
    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Studio) -> T) -> Option<T> {
        self.lock().as_ref().map(ask)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Studio>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A person asks.
#[tauri::command]
pub(crate) fn ask(held: State<'_, Held>, intent: Intent) -> Result<(), String> {
    held.with(|studio| studio.ask(intent)).unwrap_or(Ok(())).map_err(|busy| busy.to_string())
}

/// What is to be drawn now.
#[tauri::command]
pub(crate) fn view(held: State<'_, Held>) -> Option<View> {
    held.with(|studio| studio.watch().borrow().clone())
}

/// The window is gone: the tally's last word, the goodbye, the sources.
pub(crate) fn close<R: Runtime>(app: &AppHandle<R>) {
    let studio = app.state::<Held>().lock().take();
    if let Some(studio) = studio {
        tauri::async_runtime::block_on(studio.close());
    }
}
