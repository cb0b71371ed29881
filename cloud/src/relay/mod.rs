//! The relay: hands the director's word to every operator's page, and tells the director who shows what.
//!
//! It refuses to wait for a page: what is said to one stands in its own outbox, where the newest of each kind
//! replaces the one before. Invariant: a slow or silent page costs itself alone, and no queue here can grow.

mod bus;
pub mod bye;
mod crew;
mod drain;
mod far;
mod outbox;
mod page;
mod pump;
mod room;
mod uplink;
mod word;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use returnfeed_protocol::{ParticipantId, Role, SessionId};
use tokio_util::task::TaskTracker;

pub use bus::{BadBusPlace, Bus, BusError, BusPlace, Incoming, NatsTrouble};
pub(crate) use bus::{Far, Node};
pub use drain::Drain;
pub use outbox::Spoken;
pub use page::{Page, PageIdentity};
pub use room::{Room, RoomFigures};
pub use uplink::{Uplink, UplinkIdentity};

use crate::media::MediaPlane;
use crate::store::{SessionRow, Store};

/// Every session that somebody is connected to; cheap to clone.
#[derive(Clone)]
pub struct Relay {
    rooms: Arc<Mutex<HashMap<SessionId, Arc<Room>>>>,
    media: MediaPlane,
    store: Store,
    tasks: TaskTracker,
    bus: Bus,
    drain: Arc<Mutex<Option<Drain>>>,
}

impl Relay {
    /// No rooms yet; what is written down beside a conversation is one of `tasks`, and other servers are heard and told
    /// over `bus`.
    pub fn new(media: MediaPlane, store: Store, tasks: TaskTracker, bus: Bus) -> Self {
        Self { rooms: Arc::default(), media, store, tasks, bus, drain: Arc::default() }
    }

    /// A page that has said nothing yet, in its session's room.
    pub fn open_page(&self, session: &SessionRow, who: PageIdentity) -> Page {
        Page::new(self.room(session), who, Instant::now())
    }

    /// An uplink that has said nothing yet, in its session's room.
    pub fn open_uplink(&self, session: &SessionRow, participant: ParticipantId) -> Uplink {
        let who = UplinkIdentity { participant, granted: session.epoch_granted };
        Uplink::new(self.room(session), who, self.store.clone(), self.tasks.clone(), Instant::now())
    }

    /// The session changed: everybody in it hears of it, its end ends every socket and picture, who may not have the
    /// picture any more loses it, and who may have another layer is moved.
    pub async fn handle_session_changed(&self, session: &SessionRow) {
        self.bus.say(session.summary.id, Far::Session);
        self.session_changed_here(session).await;
    }

    async fn session_changed_here(&self, session: &SessionRow) {
        let id = session.summary.id;
        self.refresh(session);
        if session.has_ended() {
            return self.media.end_session(id);
        }
        for (participant, best) in self.media.watching(id) {
            let (role, invited) = match self.store.participant(participant).await {
                Ok(Some(known)) => (known.role, known.max_layer),
                Ok(None) | Err(_) => (Role::Viewer, None), // the least that anybody is
            };
            if !session.summary.state.receives(role) {
                self.media.end_participant(participant);
            } else if session.max_layer(role, invited) != best {
                self.media.set_best(id, participant, session.max_layer(role, invited)).await;
            }
        }
    }

    /// Tells the room of a session how it stands, as after a look at the database.
    pub fn refresh(&self, session: &SessionRow) {
        if let Some(room) = self.open_room(session.summary.id) {
            room.handle_session_changed(session);
        }
    }

    /// Ends every socket of every session: the server stops.
    pub fn close(&self) {
        for room in self.rooms() {
            room.close(&bye::stopping());
        }
    }

    fn room(&self, session: &SessionRow) -> Arc<Room> {
        let mut rooms = locked(&self.rooms);
        // Clones are made under this lock alone: a room that only this map holds is in nobody's hands.
        rooms.retain(|id, room| *id == session.summary.id || Arc::strong_count(room) > 1 || !room.is_empty());
        let drain = *locked(&self.drain);
        let new = || Arc::new(Room::new(session, self.media.clone(), self.bus.clone(), drain));
        Arc::clone(rooms.entry(session.summary.id).or_insert_with(new))
    }

    fn open_room(&self, session: SessionId) -> Option<Arc<Room>> {
        locked(&self.rooms).get(&session).map(Arc::clone)
    }

    fn rooms(&self) -> Vec<Arc<Room>> {
        locked(&self.rooms).values().map(Arc::clone).collect()
    }
}

/// Nothing here can be left half changed: a poisoned lock is taken as it is.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
