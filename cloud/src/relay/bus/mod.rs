//! Between servers: what is said in a session on one of them is heard in the rooms of the others.
//!
//! Everything here is a state that replaces the one before, as on the sockets: a bus that stands still loses old
//! states and never the newest, and whoever missed something hears it again at the next roll. It refuses to be the
//! truth about accounts and sessions: that is the database, and a parcel only says that one should look there.
//! Invariant: what was heard from the bus is never said to it again.

mod lateness;
mod nats;
mod outgoing;
mod parcel;
mod place;
mod postgres;
mod wire;

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use returnfeed_protocol::SessionId;
use tokio::sync::mpsc;

pub(super) use lateness::{Age, Lateness};
pub use nats::NatsTrouble;
pub(super) use parcel::Parcel;
pub(crate) use parcel::{Far, Node};
pub use place::{BadBusPlace, BusPlace};

use crate::random;
use crate::store::{DatabaseUrl, StoreError};
use outgoing::Outgoing;

/// What waits to be heard; a server that is so far behind hears the rest at the next roll.
const WAITING: usize = 4_096;

/// The way out to the other servers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Bus(Option<Arc<Way>>);

struct Way {
    node: Node,
    outgoing: Outgoing,
}

/// What arrives from the other servers, until the server stops.
pub struct Incoming {
    arrived: mpsc::Receiver<Arrived>,
}

/// What goes over the wire to a room.
pub(super) enum Arrived {
    /// A parcel of another server, as it came.
    Parcel(Box<Parcel>, Instant),
    /// Something may have been missed.
    Gap,
}

/// Why servers do not hear each other.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Over the database.
    #[error(transparent)]
    Database(#[from] StoreError),
    /// Over NATS.
    #[error("the NATS server of the setting bus {0}")]
    Nats(NatsTrouble),
}

impl Bus {
    /// No other servers.
    pub fn alone() -> Self {
        Self(None)
    }

    /// The way to the other servers, where there may be some: what arrives from them, and what carries it, to be run
    /// until it is dropped.
    ///
    /// # Errors
    /// When the place is none that carries words or does not let us in; a database that is not there.
    pub async fn open(
        place: &BusPlace,
        database: &DatabaseUrl,
    ) -> Result<(Self, Option<(Incoming, BoxFuture<'static, ()>)>), BusError> {
        let node = Node(u64::from_be_bytes(random::bytes()));
        let way = Arc::new(Way { node, outgoing: Outgoing::default() });
        let (sender, arrived) = mpsc::channel(WAITING);
        let running = Arc::clone(&way);
        let wire: BoxFuture<'static, ()> = match place {
            BusPlace::Alone => return Ok((Self::alone(), None)),
            BusPlace::Database => {
                let (mouth, ear) = postgres::connect(database, node).await?;
                Box::pin(async move { wire::run(mouth, ear, &running.outgoing, node, sender).await })
            }
            BusPlace::Nats(place) => {
                let (mouth, ear) = nats::connect(place, node).await?;
                Box::pin(async move { wire::run(mouth, ear, &running.outgoing, node, sender).await })
            }
        };
        Ok((Self(Some(way)), Some((Incoming { arrived }, wire))))
    }

    /// Whether somebody else could hear.
    pub(crate) fn is_alone(&self) -> bool {
        self.0.is_none()
    }

    /// Says it of a session to the other servers, some time soon.
    pub(crate) fn say(&self, session: SessionId, far: Far) {
        if let Some(way) = &self.0 {
            way.outgoing.put(Some(session), far);
        }
    }

    /// Says it of this server.
    pub(crate) fn say_of_all(&self, far: Far) {
        if let Some(way) = &self.0 {
            way.outgoing.put(None, far);
        }
    }

    /// Pages of different servers have different numbers: each counts from a place of its own, within the 53 bits
    /// that JavaScript counts exactly.
    pub(super) fn first_number(&self) -> u64 {
        match &self.0 {
            Some(way) => (way.node.0 >> 36) << 24,
            None => 0,
        }
    }
}

impl Incoming {
    /// What arrives next; none once the wire has ended.
    pub(super) async fn next(&mut self) -> Option<Arrived> {
        self.arrived.recv().await
    }
}
