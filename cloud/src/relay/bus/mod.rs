//! Between servers: what is said in a session on one of them is heard in the rooms of the others.
//!
//! Everything here is a state that replaces the one before, as on the sockets: a bus that stands still loses old
//! states and never the newest, and whoever missed something hears it again at the next roll. It refuses to be the
//! truth about accounts and sessions: that is the database, and a parcel only says that one should look there.
//! Invariant: what was heard from the bus is never said to it again.

mod lateness;
mod outgoing;
mod parcel;
mod postgres;

use std::sync::Arc;

use returnfeed_protocol::SessionId;
use tokio::sync::mpsc;

pub(super) use lateness::Lateness;
pub(super) use parcel::{Far, Node, Parcel};
pub(super) use postgres::Arrived;

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

impl Bus {
    /// No other servers.
    pub fn alone() -> Self {
        Self(None)
    }

    /// Over the PostgreSQL that all servers share, by `LISTEN` and `NOTIFY`; `wire` runs until it is dropped.
    ///
    /// # Errors
    /// When the database is none that carries words, or cannot be reached.
    pub async fn over(
        database: &DatabaseUrl,
    ) -> Result<(Self, Incoming, impl Future<Output = ()> + use<>), StoreError> {
        let way =
            Arc::new(Way { node: Node(u64::from_be_bytes(random::bytes())), outgoing: Outgoing::default() });
        let (sender, arrived) = mpsc::channel(WAITING);
        let wire = postgres::Wire::connect(database).await?;
        let running = Arc::clone(&way);
        let wire = async move { wire.run(&running.outgoing, running.node, sender).await };
        Ok((Self(Some(way)), Incoming { arrived }, wire))
    }

    /// Whether somebody else could hear.
    pub(super) fn is_alone(&self) -> bool {
        self.0.is_none()
    }

    /// Says it to the other servers, some time soon.
    pub(super) fn say(&self, session: SessionId, far: Far) {
        if let Some(way) = &self.0 {
            way.outgoing.put(session, far);
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
