//! The viewers of a shard, found by id, by address, or, before their address is known, by ICE fragment.
//!
//! Invariant: an address leads to a viewer only after a STUN request from it that only that viewer could make.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::{ParticipantId, SessionId, ViewerId};

use super::alarms::Alarms;
use super::socket::{Path, Transport};
use super::stun;
use super::viewer::Viewer;

/// A browser checks its consent each 5 s (RFC 7675 5.1): two of them missed and some.
const SILENT_FOR: Duration = Duration::from_secs(15);

/// All viewers of a shard.
#[derive(Default)]
pub(super) struct Viewers {
    all: HashMap<ViewerId, Viewer>,
    by_address: HashMap<(Transport, SocketAddr), ViewerId>,
    by_fragment: HashMap<String, ViewerId>,
    alarms: Alarms,
}

impl Viewers {
    pub(super) fn insert(&mut self, id: ViewerId, viewer: Viewer) {
        self.by_fragment.insert(viewer.peer.fragment().to_owned(), id);
        self.alarms.set(id, viewer.peer.deadline());
        self.all.insert(id, viewer);
    }

    pub(super) fn has(&self, id: ViewerId) -> bool {
        self.all.contains_key(&id)
    }

    pub(super) fn get(&self, id: ViewerId) -> Option<&Viewer> {
        self.all.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: ViewerId) -> Option<&mut Viewer> {
        self.all.get_mut(&id)
    }

    /// Makes a viewer findable by the fragment that it has now.
    pub(super) fn note_fragment(&mut self, id: ViewerId) {
        let Some(viewer) = self.all.get(&id) else { return };
        self.by_fragment.retain(|_, of| *of != id);
        self.by_fragment.insert(viewer.peer.fragment().to_owned(), id);
    }

    /// Takes a viewer out of every index.
    pub(super) fn remove(&mut self, id: ViewerId) -> Option<Viewer> {
        let viewer = self.all.remove(&id)?;
        self.by_fragment.remove(viewer.peer.fragment());
        self.by_address.retain(|_, of| *of != id);
        self.alarms.forget(id);
        Some(viewer)
    }

    /// Ids of those that `matches`.
    pub(super) fn ids(&self, matches: impl Fn(&Viewer) -> bool) -> Vec<ViewerId> {
        self.all.iter().filter(|(_, viewer)| matches(viewer)).map(|(id, _)| *id).collect()
    }

    pub(super) fn of_participant(&self, participant: ParticipantId) -> Vec<ViewerId> {
        self.ids(|viewer| viewer.seat.participant == participant)
    }

    pub(super) fn of_session(&self, session: SessionId) -> Vec<ViewerId> {
        self.ids(|viewer| viewer.seat.session == session)
    }

    /// Those who were connected and have not been heard for too long.
    pub(super) fn silent(&self, now: Instant) -> Vec<ViewerId> {
        let silence = |viewer: &Viewer| now.saturating_duration_since(viewer.heard);
        self.ids(|viewer| viewer.peer.is_ready() && silence(viewer) > SILENT_FOR)
    }

    /// Those who have not connected within `limit`.
    pub(super) fn unfinished(&self, now: Instant, limit: Duration) -> Vec<ViewerId> {
        self.ids(|viewer| !viewer.peer.is_ready() && now.saturating_duration_since(viewer.began) > limit)
    }

    /// Takes note of when a viewer wants to be woken, after anything that may have changed it.
    pub(super) fn note_deadline(&mut self, id: ViewerId, deadline: Instant) {
        self.alarms.set(id, deadline);
    }

    /// When to ask who is [`Self::due`].
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.alarms.next()
    }

    /// Those who want to be woken now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<ViewerId> {
        let all = &self.all;
        self.alarms.due(now, |id| all.get(&id).map(|viewer| viewer.peer.deadline()))
    }

    /// Whose a datagram says that it is.
    pub(super) fn whose(&self, path: Path, data: &[u8]) -> Option<ViewerId> {
        let by_fragment = stun::is_stun(data)
            .then(|| stun::fragment_of(data))
            .flatten()
            .and_then(|fragment| self.by_fragment.get(fragment));
        by_fragment.or_else(|| self.by_address.get(&(path.transport, path.remote))).copied()
    }

    /// Gives a viewer a datagram; false if it is not its own. Only a check that nobody else could make says that it is
    /// still there and wants what it is sent (RFC 7675 4.2).
    pub(super) fn handle_datagram(
        &mut self,
        id: ViewerId,
        path: Path,
        to: SocketAddr,
        data: &[u8],
        now: Instant,
    ) -> bool {
        let Some(viewer) = self.all.get_mut(&id) else { return false };
        if !viewer.peer.handle_datagram(path, to, data, now) {
            return false;
        }
        if stun::is_stun(data) {
            viewer.heard = now;
            viewer.path = Some(path);
            if stun::fragment_of(data) == Some(viewer.peer.fragment()) {
                self.by_address.insert((path.transport, path.remote), id);
            }
        }
        true
    }
}
