//! Who is there now: layers that arrive and viewer sessions that run. Read by the control plane, off the packet
//! path; a lock here is held for a look-up and no longer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use returnfeed_protocol::{Layer, ParticipantId, Role, SessionId, ViewerId};
use returnfeed_simulcast::Present;

/// A viewer session's place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seat {
    pub(crate) session: SessionId,
    pub(crate) participant: ParticipantId,
    pub(crate) role: Role,
    pub(crate) best: Layer,
    pub(crate) shard: usize,
}

/// How many places there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Viewer sessions at once.
    pub(crate) viewers: usize,
    /// Shards to put them on.
    pub(crate) shards: usize,
}

#[derive(Default)]
struct Session {
    present: Present,
    viewers: u32,
}

#[derive(Default)]
struct State {
    sessions: HashMap<SessionId, Session>,
    seats: HashMap<ViewerId, Seat>,
}

/// The state of all sessions on this server.
#[derive(Default)]
pub(crate) struct Board(Mutex<State>);

impl Board {
    /// The layers of a session that arrive now.
    pub(crate) fn present(&self, session: SessionId) -> Present {
        self.state().sessions.get(&session).map(|session| session.present).unwrap_or_default()
    }

    /// Notes that a layer arrives or stopped; returns all that arrive.
    pub(crate) fn set_present(&self, session: SessionId, layer: Layer, arrives: bool) -> Present {
        let mut state = self.state();
        let entry = state.sessions.entry(session).or_default();
        entry.present.set(layer, arrives);
        let present = entry.present;
        state.forget_if_empty(session);
        present
    }

    /// How many viewer sessions a session has.
    pub(crate) fn viewers(&self, session: SessionId) -> u32 {
        self.state().sessions.get(&session).map_or(0, |session| session.viewers)
    }

    /// Takes a place on the shard with the fewest, unless as many are taken as may be.
    pub(crate) fn seat(
        &self,
        viewer: ViewerId,
        bounds: Bounds,
        seat: impl FnOnce(usize) -> Seat,
    ) -> Option<Seat> {
        let mut state = self.state();
        if state.seats.len() >= bounds.viewers {
            return None;
        }
        let seat = seat(state.emptiest(bounds.shards)?);
        state.sessions.entry(seat.session).or_default().viewers += 1;
        state.seats.insert(viewer, seat);
        Some(seat)
    }

    /// The place of a viewer session, if it is one of `session`.
    pub(crate) fn find(&self, session: SessionId, viewer: ViewerId) -> Option<Seat> {
        self.state().seats.get(&viewer).copied().filter(|seat| seat.session == session)
    }

    /// Who holds a place of a session, and the best layer that each may have.
    pub(crate) fn watching(&self, session: SessionId) -> Vec<(ParticipantId, Layer)> {
        let state = self.state();
        let here = state.seats.values().filter(|seat| seat.session == session);
        here.map(|seat| (seat.participant, seat.best)).collect()
    }

    /// Sets the best layer that a participant may have in a session; where they sit.
    pub(crate) fn set_best(
        &self,
        session: SessionId,
        participant: ParticipantId,
        best: Layer,
    ) -> Vec<(ViewerId, Seat)> {
        let mut state = self.state();
        let seats = state.seats.iter_mut();
        let theirs = seats.filter(|(_, seat)| seat.session == session && seat.participant == participant);
        theirs
            .map(|(viewer, seat)| {
                seat.best = best;
                (*viewer, *seat)
            })
            .collect()
    }

    /// Gives a place back.
    pub(crate) fn unseat(&self, viewer: ViewerId) -> Option<Seat> {
        let mut state = self.state();
        let seat = state.seats.remove(&viewer)?;
        if let Some(session) = state.sessions.get_mut(&seat.session) {
            session.viewers = session.viewers.saturating_sub(1);
        }
        state.forget_if_empty(seat.session);
        Some(seat)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below panics between two writes, so a poisoned state is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn emptiest(&self, shards: usize) -> Option<usize> {
        let mut taken = vec![0_usize; shards];
        for seat in self.seats.values() {
            if let Some(count) = taken.get_mut(seat.shard) {
                *count += 1;
            }
        }
        (0..shards).min_by_key(|shard| taken.get(*shard).copied())
    }

    fn forget_if_empty(&mut self, session: SessionId) {
        if self.sessions.get(&session).is_some_and(|s| s.viewers == 0 && s.present == Present::default()) {
            self.sessions.remove(&session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_joiner_goes_to_the_shard_with_the_fewest() {
        let board = Board::default();
        let session = SessionId::from_parts(1, [1; 10]);
        let participant = ParticipantId::from_parts(1, [1; 10]);
        let id = |n| ViewerId::from_parts(n, [2; 10]);
        let bounds = Bounds { viewers: 6, shards: 3 };
        let (role, best) = (Role::Viewer, Layer::High);
        let seat = |shard| Seat { session, participant, role, best, shard };
        let join = |n| board.seat(id(n), bounds, seat).map(|seat| seat.shard);
        assert_eq!([0, 1, 2, 3, 4, 5].map(join), [0, 1, 2, 0, 1, 2].map(Some));
        assert_eq!(join(6), None, "as many as may be");
        board.unseat(id(1)).unwrap();
        board.unseat(id(4)).unwrap();
        assert_eq!([7, 8].map(join), [1, 1].map(Some));
    }
}
