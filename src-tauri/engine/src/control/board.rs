//! What a program is told: every notice as it is shown, and the newest of each kind for whoever comes later.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use crate::controller::kind;
use crate::gui::{Gui, Notice};

/// Notices that wait for a slow reader; who falls behind by more begins anew.
const WAITING: usize = 256;

/// By kind.
type Newest = BTreeMap<(u8, String), Arc<str>>;

/// See the module; cheap to clone.
#[derive(Clone)]
pub struct Board {
    newest: Arc<Mutex<Newest>>,
    told: broadcast::Sender<Arc<str>>,
}

/// Shows notices on another screen, and on a board.
pub struct Posted<G> {
    gui: G,
    board: Board,
}

impl Board {
    /// A board, and the screen that fills it beside `gui`.
    pub fn beside<G: Gui>(gui: G) -> (Self, Posted<G>) {
        let board = Self { newest: Arc::default(), told: broadcast::channel(WAITING).0 };
        (board.clone(), Posted { gui, board })
    }

    /// The newest of each kind, and everything after it.
    pub(super) fn read(&self) -> (Vec<Arc<str>>, broadcast::Receiver<Arc<str>>) {
        // Both under the lock: nothing is missed between them, and nothing told twice.
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        (newest.values().cloned().collect(), self.told.subscribe())
    }
}

impl<G: Gui> Gui for Posted<G> {
    fn show(&mut self, notice: Notice) {
        match serde_json::to_string(&notice) {
            Ok(text) => {
                let text: Arc<str> = text.into();
                let mut newest = self.board.newest.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(kind) = kind(&notice) {
                    newest.insert(kind, Arc::clone(&text));
                }
                // Nobody listens: nobody misses it.
                let _readers = self.board.told.send(text);
            }
            Err(error) => tracing::error!(%error, "a notice cannot be written"),
        }
        self.gui.show(notice);
    }
}
