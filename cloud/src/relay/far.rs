//! The relay's ear for other servers.
//!
//! What another server only points at is read from the database, which all of them share.

use std::time::{Duration, Instant};

use returnfeed_protocol::SessionId;
use tokio::time::MissedTickBehavior;

use super::Relay;
use super::bus::{Arrived, Far, Incoming, Parcel};
use crate::nodes::Nodes;

/// How often each server says that somebody of a session is connected to it.
const BEAT: Duration = Duration::from_secs(1);

impl Relay {
    /// Runs until the bus ends; what is said of pictures is for `nodes`.
    pub async fn hear(self, mut incoming: Incoming, nodes: Nodes) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                arrived = incoming.next() => match arrived {
                    Some(Arrived::Parcel(parcel, at)) => match (parcel.session, &parcel.far) {
                        (_, Far::Here { .. } | Far::Push { .. }) => {
                            nodes.hear(parcel.node, parcel.session, parcel.far, at);
                        }
                        (Some(session), _) => self.handle_far(session, *parcel, at).await,
                        (None, _) => {}
                    },
                    Some(Arrived::Gap) => self.rooms().iter().for_each(|room| room.call_roll()),
                    None => return,
                },
                _ = beat.tick() => {
                    let now = Instant::now();
                    self.rooms().iter().for_each(|room| room.beat(now));
                }
            }
        }
    }

    async fn handle_far(&self, session: SessionId, parcel: Parcel, at: Instant) {
        match parcel.far {
            // Where there is no room, there may be pictures.
            Far::Session => {
                if let Ok(Some(row)) = self.store.session(session).await {
                    self.session_changed_here(&row).await;
                }
            }
            Far::Participant { who } => {
                if let Ok(Some(now)) = self.store.participant(who).await {
                    self.seat_here(&now);
                }
            }
            Far::Dismissed { who, ref reason } => self.dismiss_here(session, who, reason),
            _ => {}
        }
        if let Some(room) = self.open_room(session) {
            room.hear(parcel, at);
        }
    }
}
