//! Other servers of the same sessions: who is there, who has which session's picture, and where a viewer is served.
//!
//! Soft state, said over the bus each second; the truth about accounts and sessions is the database. It refuses to move a
//! picture that is on air: a server that has a session's push serves it, whatever others say, until a newer push of that
//! session is at another.

mod fetch;
mod pull;
mod pulls;
mod run;
mod secrets;
mod table;
mod way;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use clap::ValueEnum;
use returnfeed_protocol::{PublishKeyId, SessionId};
use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;

pub use secrets::PullSecrets;
pub(crate) use table::{Card, Held};
use way::Us;
pub(crate) use way::Way;

use crate::lifecycle::Doors;
use crate::media::MediaPlane;
use crate::relay::{Bus, Far, Node};
use fetch::Fetching;
use table::Table;

/// What a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes pushes and serves viewers.
    #[default]
    All,
    /// Takes pushes, and sends viewers to an edge where one lives.
    Origin,
    /// Takes no pushes: fetches what its viewers watch.
    Edge,
}

/// How this server stands among the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// What it does.
    pub role: Role,
    /// `https://host[:port]`, where viewers and other servers reach this one and no other.
    pub url: Option<String>,
}

/// The other servers; cheap to clone.
#[derive(Clone)]
pub struct Nodes(Arc<Shared>);

struct Shared {
    place: Place,
    bus: Bus,
    media: MediaPlane,
    doors: Arc<Doors>,
    table: Mutex<Table>,
    fetching: Mutex<Fetching>,
    secrets: PullSecrets,
    tasks: TaskTracker,
}

impl Nodes {
    /// Nobody heard yet.
    pub fn new(place: Place, bus: Bus, media: MediaPlane, doors: Arc<Doors>, secrets: PullSecrets) -> Self {
        let (table, fetching, tasks) = (Mutex::default(), Mutex::default(), TaskTracker::new());
        Self(Arc::new(Shared { place, bus, media, doors, table, fetching, secrets, tasks }))
    }

    /// Fetches nothing any more.
    pub async fn stop(&self) {
        let sessions: Vec<SessionId> = self.fetching().sessions();
        for session in sessions {
            self.forget(session);
        }
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Whether this server takes no pushes.
    pub(crate) fn is_edge(&self) -> bool {
        self.0.place.role == Role::Edge
    }

    /// Where we are reached, and no other server.
    pub(crate) fn own_url(&self) -> &str {
        self.0.place.url.as_deref().unwrap_or_default()
    }

    /// Where other servers are reached by viewers.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.table().urls(Instant::now())
    }

    /// Where a viewer of a session is served.
    pub(crate) fn way(&self, session: SessionId) -> Way {
        let (table, now) = (self.table(), Instant::now());
        let is_here = !self.0.media.picture(session).layers.is_empty();
        let holder = table.holder(session, now);
        let us = Us { role: self.0.place.role, is_here, draining: self.0.doors.are_closed() };
        way::of(us, holder.as_ref(), table.emptiest_edge(now))
    }

    /// Whether another server lives that takes whoever comes.
    pub(crate) fn others_take(&self) -> bool {
        self.table().others_take(Instant::now())
    }

    /// Another server said something that is not for a room.
    pub(crate) fn hear(&self, node: Node, session: Option<SessionId>, far: Far, now: Instant) {
        match (session, far) {
            (None, Far::Here { card }) => self.table().handle_card(node, card, now),
            (Some(session), Far::Push { held }) => {
                self.table().handle_push(node, session, held, now);
                if let (Some(held), Some(ours)) = (held, self.push(session))
                    && held.key > ours
                {
                    tracing::info!(%session, "a newer push of the session is at another server");
                    // Its viewers ask again, and are told where it is.
                    self.0.media.end_session(session);
                }
                self.follow(session);
                self.note_far_picture(session);
            }
            _ => {}
        }
    }

    /// Pages here are told of a picture that is elsewhere: they have it when they ask for it.
    fn note_far_picture(&self, session: SessionId) {
        let holder = self.table().holder(session, Instant::now());
        self.0.media.set_far_picture(session, holder.map(|holder| holder.held.layers()).unwrap_or_default());
    }

    /// The key of the push that is here.
    fn push(&self, session: SessionId) -> Option<PublishKeyId> {
        self.0.media.push_key(session).filter(|_| !self.is_edge())
    }

    fn fetching(&self) -> MutexGuard<'_, Fetching> {
        self.0.fetching.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
