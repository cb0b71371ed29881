//! Which sessions have figures.
//!
//! Invariant: a session that has ended has no figures until it is opened again, and one where nothing happens has none
//! after [`FORGOTTEN_AFTER`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::SessionId;

use super::session::Session;

/// Without a push, a viewer and a reader for this long, a session's figures go: as long as a plot of it reaches back.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);
/// How long after its end the last viewers and pushes of a session may still be on their way out.
const FAREWELL: Duration = Duration::from_secs(60);

enum Slot {
    Running { session: Box<Session>, seen: Instant },
    Ended { at: Instant },
}

/// Every session that has figures.
pub(super) struct Sessions {
    slots: BTreeMap<SessionId, Slot>,
    own_labels: usize,
}

impl Sessions {
    /// None yet. In each one at most `own_labels` viewers have labels of their own.
    pub(super) fn new(own_labels: usize) -> Self {
        Self { slots: BTreeMap::new(), own_labels }
    }

    /// The figures of a session in which something happens now; none once it has ended.
    pub(super) fn running(&mut self, id: SessionId, now: Instant) -> Option<&mut Session> {
        let new = || Slot::Running { session: Box::new(Session::new(self.own_labels)), seen: now };
        match self.slots.entry(id).or_insert_with(new) {
            Slot::Running { session, seen } => {
                *seen = now;
                Some(session)
            }
            Slot::Ended { .. } => None,
        }
    }

    /// A session is over.
    pub(super) fn end(&mut self, id: SessionId, now: Instant) {
        self.slots.insert(id, Slot::Ended { at: now });
    }

    /// A session that was over is opened again.
    pub(super) fn reopen(&mut self, id: SessionId) {
        if matches!(self.slots.get(&id), Some(Slot::Ended { .. })) {
            self.slots.remove(&id);
        }
    }

    /// Those that somebody reads along.
    pub(super) fn read_along(&self) -> Vec<SessionId> {
        self.iter().filter(|(_, session)| session.readers() > 0).map(|(id, _)| *id).collect()
    }

    /// Ends whatever is read along.
    pub(super) fn close(&mut self) {
        self.slots.clear();
    }

    /// Forgets those that are over or long silent.
    pub(super) fn tidy(&mut self, now: Instant) {
        self.slots.retain(|_, slot| match slot {
            Slot::Running { seen, .. } => now.saturating_duration_since(*seen) < FORGOTTEN_AFTER,
            Slot::Ended { at } => now.saturating_duration_since(*at) < FAREWELL,
        });
    }

    /// Those that have figures.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&SessionId, &Session)> {
        self.slots.iter().filter_map(|(id, slot)| match slot {
            Slot::Running { session, .. } => Some((id, &**session)),
            Slot::Ended { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> SessionId {
        SessionId::from_parts(1, [1; 10])
    }

    #[test]
    fn a_session_that_ended_stays_gone_while_its_last_viewers_leave() {
        let begin = Instant::now();
        let mut sessions = Sessions::new(1);
        assert!(sessions.running(id(), begin).is_some());
        sessions.end(id(), begin);
        assert!(sessions.iter().next().is_none());
        assert!(sessions.running(id(), begin + Duration::from_secs(1)).is_none());
        sessions.tidy(begin + Duration::from_secs(59));
        assert!(sessions.running(id(), begin + Duration::from_secs(59)).is_none());
        sessions.tidy(begin + FAREWELL);
        assert!(sessions.slots.is_empty(), "nothing is kept for good");
    }

    #[test]
    fn a_session_in_which_nothing_happens_is_forgotten_and_begins_anew() {
        let begin = Instant::now();
        let mut sessions = Sessions::new(1);
        sessions.running(id(), begin);
        sessions.running(id(), begin + Duration::from_secs(300));
        sessions.tidy(begin + FORGOTTEN_AFTER);
        assert_eq!(sessions.iter().count(), 1);
        sessions.tidy(begin + Duration::from_secs(300) + FORGOTTEN_AFTER);
        assert_eq!(sessions.iter().count(), 0);
        assert!(sessions.running(id(), begin).is_some());
    }
}
