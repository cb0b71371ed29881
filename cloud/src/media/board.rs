//! Who is there now: layers that arrive and viewer sessions that run. Read by the control plane, off the packet
//! path; a lock here is held for a look-up and no longer.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use returnfeed_protocol::{Layer, LayerReason, ParticipantId, PublishKeyId, Role, SessionId, ViewerId};
use returnfeed_simulcast::Present;

use super::push::{Push, PushQuality};
use super::{JoinRefusal, ViewerLimits};

/// A viewer session's place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seat {
    pub(crate) session: SessionId,
    pub(crate) participant: ParticipantId,
    pub(crate) role: Role,
    pub(crate) best: Layer,
    pub(crate) shard: usize,
    /// Index of the video section in its SDP.
    pub(crate) video_line: usize,
    /// From where its player asked.
    pub(crate) address: IpAddr,
    /// When its right to the picture ends.
    pub(crate) until: Instant,
    /// Whether it has connected.
    pub(crate) finished: bool,
    /// The layer it has, and why; `None` before its first picture.
    pub(crate) given: Option<(Layer, LayerReason)>,
}

/// How many places there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Viewer sessions at once.
    pub(crate) viewers: usize,
    /// Shards to put them on.
    pub(crate) shards: usize,
    /// What one alone may take.
    pub(crate) limits: ViewerLimits,
}

#[derive(Default)]
struct Session {
    present: Present,
    /// In bit/s, of the layers that arrive.
    rates: Vec<(Layer, u64)>,
    pushes: BTreeMap<Layer, Push>,
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
        if !arrives {
            entry.rates.retain(|(of, _)| *of != layer);
        }
        let present = entry.present;
        state.forget_if_empty(session);
        present
    }

    /// Notes how much a layer brings.
    pub(crate) fn set_rate(&self, session: SessionId, layer: Layer, bits_per_second: u64) {
        if let Some(entry) = self.state().sessions.get_mut(&session).filter(|entry| entry.present.has(layer))
        {
            entry.rates.retain(|(of, _)| *of != layer);
            entry.rates.push((layer, bits_per_second));
        }
    }

    /// How much each layer brings that arrives, in bit/s, once it is measured.
    pub(crate) fn rates(&self, session: SessionId) -> Vec<(Layer, u64)> {
        self.state().sessions.get(&session).map(|session| session.rates.clone()).unwrap_or_default()
    }

    /// Notes how a push goes, or that it is over.
    pub(crate) fn set_push(&self, session: SessionId, layer: Layer, push: Option<Push>) {
        let mut state = self.state();
        let pushes = &mut state.sessions.entry(session).or_default().pushes;
        match push {
            Some(push) => pushes.insert(layer, push),
            None => pushes.remove(&layer),
        };
        state.forget_if_empty(session);
    }

    /// The pushes of a session, the high layer's first.
    pub(crate) fn pushes(&self, session: SessionId) -> Vec<PushQuality> {
        let state = self.state();
        let pushes = state.sessions.get(&session).into_iter().flat_map(|session| session.pushes.iter().rev());
        pushes.map(|(layer, push)| push.quality(*layer)).collect()
    }

    /// The key of a session's push.
    pub(crate) fn push_key(&self, session: SessionId) -> Option<PublishKeyId> {
        self.state().sessions.get(&session)?.pushes.values().map(|push| push.key).max()
    }

    /// The sessions that somebody pushes into or watches.
    pub(crate) fn sessions(&self) -> Vec<SessionId> {
        self.state().sessions.keys().copied().collect()
    }

    /// How many viewer sessions a session has.
    pub(crate) fn viewers(&self, session: SessionId) -> u32 {
        self.state().sessions.get(&session).map_or(0, |session| session.viewers)
    }

    /// Takes a place on the shard with the fewest, unless one of the bounds is reached.
    pub(crate) fn seat(
        &self,
        viewer: ViewerId,
        bounds: &Bounds,
        seat: impl FnOnce(usize) -> Seat,
    ) -> Result<Seat, JoinRefusal> {
        let mut state = self.state();
        let seat = seat(state.emptiest(bounds.shards).ok_or(JoinRefusal::Full)?);
        state.check(&seat, bounds)?;
        state.sessions.entry(seat.session).or_default().viewers += 1;
        state.seats.insert(viewer, seat);
        Ok(seat)
    }

    /// Notes that a viewer session has connected.
    pub(crate) fn set_finished(&self, viewer: ViewerId) {
        if let Some(seat) = self.state().seats.get_mut(&viewer) {
            seat.finished = true;
        }
    }

    /// Notes which layer a viewer session has.
    pub(crate) fn set_given(&self, viewer: ViewerId, layer: Layer, reason: LayerReason) {
        if let Some(seat) = self.state().seats.get_mut(&viewer) {
            seat.given = Some((layer, reason));
        }
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

impl Session {
    fn is_empty(&self) -> bool {
        self.viewers == 0 && self.present == Present::default() && self.pushes.is_empty()
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

    /// The one who asks for too much is told so before the one who comes to a full house.
    fn check(&self, asked: &Seat, bounds: &Bounds) -> Result<(), JoinRefusal> {
        let limits = &bounds.limits;
        let count = |of: &dyn Fn(&Seat) -> bool| self.seats.values().filter(|seat| of(seat)).count();
        if count(&|seat| seat.participant == asked.participant) >= limits.per_participant {
            Err(JoinRefusal::TooManyOfParticipant)
        } else if count(&|seat| !seat.finished && seat.address == asked.address)
            >= limits.unfinished_per_address
        {
            Err(JoinRefusal::TooManyUnfinished)
        } else if self.sessions.get(&asked.session).map_or(0, |session| session.viewers as usize)
            >= limits.per_session
        {
            Err(JoinRefusal::SessionFull)
        } else if self.seats.len() >= bounds.viewers {
            Err(JoinRefusal::Full)
        } else {
            Ok(())
        }
    }

    fn forget_if_empty(&mut self, session: SessionId) {
        if self.sessions.get(&session).is_some_and(|s| s.is_empty()) {
            self.sessions.remove(&session);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: ViewerLimits = ViewerLimits {
        per_session: 4,
        per_participant: 2,
        unfinished_per_address: 3,
        handshake: Duration::from_secs(10),
    };

    fn seat(session: u8, participant: u64, host: u8) -> Seat {
        Seat {
            session: SessionId::from_parts(1, [session; 10]),
            participant: ParticipantId::from_parts(participant, [0; 10]),
            role: Role::Viewer,
            best: Layer::High,
            shard: 0,
            video_line: 1,
            address: IpAddr::from([192, 0, 2, host]),
            until: Instant::now(),
            finished: false,
            given: None,
        }
    }

    #[test]
    fn each_joiner_goes_to_the_shard_with_the_fewest() {
        let board = Board::default();
        let id = |n| ViewerId::from_parts(n, [2; 10]);
        let bounds = Bounds { viewers: 6, shards: 3, limits: ViewerLimits::default() };
        let seat = |shard| Seat { shard, ..seat(1, 1, 1) };
        let join = |n| board.seat(id(n), &bounds, seat).map(|seat| seat.shard);
        assert_eq!([0, 1, 2, 3, 4, 5].map(join), [0, 1, 2, 0, 1, 2].map(Ok));
        assert_eq!(join(6), Err(JoinRefusal::Full), "as many as may be");
        board.unseat(id(1)).unwrap();
        board.unseat(id(4)).unwrap();
        assert_eq!([7, 8].map(join), [1, 1].map(Ok));
    }

    #[test]
    fn whoever_takes_too_much_is_refused_and_others_still_come() {
        let board = Board::default();
        let bounds = Bounds { viewers: 6, shards: 1, limits: LIMITS };
        let mut asked = 0;
        let mut ask = |seat: Seat| {
            asked += 1;
            board.seat(ViewerId::from_parts(asked, [0; 10]), &bounds, |_| seat).err()
        };
        assert_eq!(ask(seat(1, 1, 1)), None);
        assert_eq!(ask(seat(1, 1, 1)), None);
        assert_eq!(ask(seat(1, 1, 1)), Some(JoinRefusal::TooManyOfParticipant));
        assert_eq!(ask(seat(1, 2, 1)), None);
        assert_eq!(ask(seat(1, 3, 1)), Some(JoinRefusal::TooManyUnfinished), "of this address");
        assert_eq!(ask(seat(1, 3, 2)), None, "of another address");
        assert_eq!(ask(seat(1, 4, 3)), Some(JoinRefusal::SessionFull));
        assert_eq!(ask(seat(2, 4, 3)), None, "in another session");
        board.set_finished(ViewerId::from_parts(1, [0; 10]));
        assert_eq!(ask(seat(2, 5, 1)), None, "who has connected does not count against its address");
        assert_eq!(ask(seat(2, 6, 9)), Some(JoinRefusal::Full));
    }
}
