//! What a room tells about itself.

use std::time::{Duration, Instant};

use returnfeed_protocol::{Role, SessionId, SessionState};

use super::Room;
use crate::relay::{Relay, locked};

/// A session that somebody is connected to, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomFigures {
    /// Which.
    pub session: SessionId,
    /// Uplinks that said hello: one or none.
    pub directors: usize,
    /// Pages of camera operators.
    pub cameras: usize,
    /// Pages of viewers.
    pub viewers: usize,
    /// Since the director's newest word was heard, where there was one.
    pub tally_age: Option<Duration>,
}

impl Relay {
    /// Every session that somebody is connected to.
    pub fn figures(&self, now: Instant) -> Vec<RoomFigures> {
        self.rooms().iter().filter_map(|room| room.figures(now)).collect()
    }
}

impl Room {
    /// Nothing of a session that is over, or that nobody is connected to any more.
    fn figures(&self, now: Instant) -> Option<RoomFigures> {
        let inner = locked(&self.inner);
        let over = inner.summary.state == SessionState::Ended;
        let empty = inner.pages.is_empty() && inner.uplink.is_none();
        if over || empty {
            return None;
        }
        let pages = |role| inner.pages.values().filter(|page| page.greeted == Some(role)).count();
        Some(RoomFigures {
            session: self.session,
            directors: usize::from(inner.uplink.is_some()),
            cameras: pages(Role::Camera),
            viewers: pages(Role::Viewer),
            tally_age: inner.hub.snapshot(now).map(|word| word.age),
        })
    }
}
