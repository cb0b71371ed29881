//! What a player is told beside the picture: server-sent events (draft-ietf-wish-whep, extension
//! `server-sent-events`).
//!
//! `POST …/events` makes a stream, `GET` reads it, `DELETE` ends it. The stream's address is its secret, for an
//! `EventSource` cannot send a token. Nothing is queued: a reader is told what is true when it is ready to read, so a
//! slow one misses what was true in between. Invariant: a stream ends with its viewer session.

mod close;
mod leave;
mod open;
mod read;
mod told;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use returnfeed_protocol::ViewerId;
use tokio_util::sync::CancellationToken;

use super::ViewerPath;
use crate::api::routes::Routes;
use crate::auth::SessionClaims;
use crate::random;

pub(super) use told::EventKind;

/// Streams of one viewer session: the page's own and the one it lost a moment ago.
const MOST: usize = 2;

pub(super) fn routes() -> Routes {
    Routes::new().merge(open::route()).merge(read::route()).merge(close::route())
}

/// One stream of one viewer session.
#[derive(Clone)]
struct Subscription {
    path: ViewerPath,
    claims: SessionClaims,
    kinds: Vec<EventKind>,
}

/// Every event stream, by its secret.
#[derive(Default)]
pub struct EventStreams {
    open: Mutex<HashMap<String, Arc<Subscription>>>,
    stop: CancellationToken,
}

impl EventStreams {
    /// Ends every stream: the server stops.
    pub fn close(&self) {
        self.stop.cancel();
    }

    /// Makes a stream; `None` when its viewer session has as many as it may.
    fn add(&self, subscription: Subscription, is_there: impl Fn(&ViewerPath) -> bool) -> Option<String> {
        let viewer = subscription.path.viewer;
        let mut open = self.open();
        open.retain(|_, other| is_there(&other.path));
        if open.values().filter(|other| other.path.viewer == viewer).count() >= MOST {
            return None;
        }
        let id = random::text::<16>();
        open.insert(id.clone(), Arc::new(subscription));
        Some(id)
    }

    fn find(&self, path: &ViewerPath, id: &str) -> Option<Arc<Subscription>> {
        self.open().get(id).filter(|subscription| subscription.path == *path).map(Arc::clone)
    }

    fn remove(&self, id: &str) {
        self.open().remove(id);
    }

    /// Ends a viewer session's streams, silently: it was its player who left.
    pub(super) fn remove_all_of(&self, viewer: ViewerId) {
        self.open().retain(|_, subscription| subscription.path.viewer != viewer);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<Subscription>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
