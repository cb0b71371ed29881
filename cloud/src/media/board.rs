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

    /// Takes a place, unless `max` are taken.
    pub(crate) fn seat(&self, viewer: ViewerId, seat: Seat, max: usize) -> bool {
        let mut state = self.state();
        if state.seats.len() >= max {
            return false;
        }
        state.sessions.entry(seat.session).or_default().viewers += 1;
        state.seats.insert(viewer, seat);
        true
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
    fn forget_if_empty(&mut self, session: SessionId) {
        if self.sessions.get(&session).is_some_and(|s| s.viewers == 0 && s.present == Present::default()) {
            self.sessions.remove(&session);
        }
    }
}
