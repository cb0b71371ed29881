//! The relay's ear for other servers.
//!
//! What another server only points at is read from the database, which all of them share.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::SessionId;
use tokio::time::MissedTickBehavior;

use super::Relay;
use super::bus::{Arrived, Far, Incoming, Lateness, Node, Parcel};
use crate::clock::run_us;
use crate::nodes::Nodes;

/// How often each server says that somebody of a session is connected to it.
const BEAT: Duration = Duration::from_secs(1);

impl Relay {
    /// Runs until the bus ends; what is said of pictures is for `nodes`.
    pub async fn hear(self, mut incoming: Incoming, nodes: Nodes) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Of each server, whatever it speaks of: its first word of a session may be one that stood somewhere.
        let mut clocks: BTreeMap<Node, Lateness> = BTreeMap::new();
        loop {
            tokio::select! {
                arrived = incoming.next() => match arrived {
                    Some(Arrived::Parcel(parcel, at)) => {
                        let said = said(&parcel, clocks.entry(parcel.node).or_default(), at);
                        match (parcel.session, &parcel.far) {
                            (_, Far::Here { .. } | Far::Push { .. }) => {
                                nodes.hear(parcel.node, parcel.session, parcel.far, at);
                            }
                            (Some(session), _) => self.handle_far(session, *parcel, said, at).await,
                            (None, _) => {}
                        }
                    }
                    Some(Arrived::Gap) => self.rooms().iter().for_each(|room| room.call_roll()),
                    None => return,
                },
                _ = beat.tick() => {
                    let now = Instant::now();
                    clocks.retain(|_, clock| !clock.is_forgotten(now));
                    self.rooms().iter().for_each(|room| room.beat(now));
                }
            }
        }
    }

    async fn handle_far(&self, session: SessionId, parcel: Parcel, said: Instant, at: Instant) {
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
            room.hear(parcel, said, at);
        }
    }
}

/// Since when what a parcel says is so, by our clock.
fn said(parcel: &Parcel, clock: &mut Lateness, at: Instant) -> Instant {
    let said_us = match &parcel.far {
        Far::Word { said_us, .. } => said_us.unwrap_or(parcel.sent_us),
        _ => parcel.sent_us,
    };
    let late = clock.of(parcel.sent_us, said_us, run_us(at), at);
    at.checked_sub(late).unwrap_or(at)
}
