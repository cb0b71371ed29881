//! What the server tells about itself, to Prometheus and to a session's director.
//!
//! It refuses a registry that everything is written into: what a series is about holds its figures, and takes them
//! with it when it goes. Invariant: no packet waits for a reader, and what is told is bounded by the sessions that
//! run, whoever comes and goes in them.

mod audience;
mod exposition;
mod families;
mod history;
mod instruments;
mod listener;
mod process;
mod pushes;
mod session;
mod sessions;
#[cfg(test)]
mod testing;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use returnfeed_protocol::SessionId;

pub(crate) use instruments::{Counter, Histogram};
pub use listener::{MetricsError, MetricsListener};
pub(crate) use process::read as process_now;
pub(crate) use session::Reading;

use crate::clock::Clock;
use crate::media::MediaPlane;
use crate::relay::Relay;
use sessions::Sessions;

/// Datagrams that were lost on their way out of this machine.
pub(crate) static DROPPED_DATAGRAMS: Counter = Counter::new();
/// Frames that a shard had no place for.
pub(crate) static DROPPED_FRAMES: Counter = Counter::new();
/// Datagrams to the viewers' port that were no viewer's.
pub(crate) static STRAY_DATAGRAMS: Counter = Counter::new();

/// TCP connections of viewers that were not taken.
pub(crate) static REFUSED_CONNECTIONS: Counter = Counter::new();
/// Viewers whose handshake was never finished.
pub(crate) static UNFINISHED_HANDSHAKES: Counter = Counter::new();

/// Who may read along in one session at once.
const READERS: usize = 16;

/// The figures of this server; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    sessions: Arc<Mutex<Sessions>>,
    media: MediaPlane,
    relay: Relay,
    clock: Clock,
}

/// Why nobody more may read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadRefusal {
    /// The session is over.
    Ended,
    /// As many as there may be.
    Full,
}

impl Metrics {
    /// Nothing seen yet. In each session at most `own_labels` viewers have labels of their own.
    pub fn new(media: MediaPlane, relay: Relay, clock: Clock, own_labels: usize) -> Self {
        families::began();
        Self { sessions: Arc::new(Mutex::new(Sessions::new(own_labels))), media, relay, clock }
    }

    /// A session is over: its series go now, and so does what is remembered of it.
    pub fn end_session(&self, id: SessionId) {
        self.sessions().end(id, Instant::now());
    }

    /// A session may have figures again, if it was over.
    pub fn reopen_session(&self, id: SessionId) {
        self.sessions().reopen(id);
    }

    /// Ends every reading: the server stops.
    pub fn close(&self) {
        self.sessions().close();
    }

    /// What is remembered of a session, and what comes.
    pub(crate) fn read(&self, id: SessionId) -> Result<Reading, ReadRefusal> {
        let mut sessions = self.sessions();
        let session = sessions.running(id, Instant::now()).ok_or(ReadRefusal::Ended)?;
        if session.readers() < READERS { Ok(session.read()) } else { Err(ReadRefusal::Full) }
    }

    /// Everything, in Prometheus' words. Viewers are as they were in the last second, all else as it is now.
    pub fn render(&self) -> String {
        let now = Instant::now();
        let rooms = self.relay.figures(now);
        let mut sessions = self.sessions();
        for id in self.media.sessions() {
            if let Some(session) = sessions.running(id, now) {
                session.handle_pushes(&self.media.pushes(id));
            }
        }
        families::render(&sessions, &rooms)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        // Whoever panicked in here left whole numbers behind.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
