//! Who measures the way of a push before there is one: what they send is counted, acknowledged and thrown away.
//!
//! It refuses to disturb a programme: one probe for each session, none beside a push, and none that a push finds. Invariant:
//! a probe ends by itself after [`StreamProbe::LONGEST`] or [`StreamProbe::MOST_BYTES`], whatever its caller wants.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::SocketAddr;
use std::time::Instant;

use returnfeed_protocol::{SessionId, StreamProbe};
use returnfeed_srt::{ConnectionId, Refusal};
use tracing::{info, warn};

use super::{Ingest, refusal};
use crate::media::{AdmissionRefusal, Admitted};

/// How far one is.
enum State {
    /// It has still to be let in, and to prove the passphrase.
    Asked,
    /// It sends.
    Sends { until: Instant, bytes: u64 },
}

/// The probes of all sessions. Pure: it decides, the loop opens and closes.
pub(super) struct Probes<C = ConnectionId>(HashMap<C, (SessionId, State)>);

impl<C> Default for Probes<C> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<C: Copy + Eq + Hash> Probes<C> {
    /// Somebody asks to measure; false where somebody does already.
    fn ask(&mut self, connection: C, session: SessionId) -> bool {
        let free = self.of(session).is_none();
        if free {
            self.0.insert(connection, (session, State::Asked));
        }
        free
    }

    /// Which session's this connection is; nothing where it is none of these.
    pub(super) fn session(&self, connection: C) -> Option<SessionId> {
        self.0.get(&connection).map(|(session, _)| *session)
    }

    /// They have proven the passphrase.
    fn enter(&mut self, connection: C, now: Instant) -> Option<SessionId> {
        let (session, state) = self.0.get_mut(&connection)?;
        *state = State::Sends { until: now + StreamProbe::LONGEST, bytes: 0 };
        Some(*session)
    }

    /// So much came. True when it is enough.
    fn count(&mut self, connection: C, more: usize) -> bool {
        let Some((_, State::Sends { bytes, .. })) = self.0.get_mut(&connection) else { return false };
        *bytes = bytes.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        *bytes > StreamProbe::MOST_BYTES
    }

    fn leave(&mut self, connection: C) -> Option<SessionId> {
        self.0.remove(&connection).map(|(session, _)| session)
    }

    fn of(&self, session: SessionId) -> Option<C> {
        self.0.iter().find(|(_, (of, _))| *of == session).map(|(connection, _)| *connection)
    }

    /// Those that have had their time.
    fn over(&self, now: Instant) -> Vec<C> {
        let over = |state: &State| matches!(state, State::Sends { until, .. } if *until <= now);
        self.0.iter().filter(|(_, (_, state))| over(state)).map(|(connection, _)| *connection).collect()
    }
}

impl Ingest {
    /// Somebody wants to know what the way carries.
    pub(super) fn probe_asked(&mut self, connection: ConnectionId, probe: StreamProbe, peer: SocketAddr) {
        let session = probe.session;
        if self.publishers.pushes(session) || !self.probes.ask(connection, session) {
            info!(%session, "the way is not measured: it is in use");
            return self.listener.refuse(connection, Refusal::Occupied, Instant::now());
        }
        let push = probe.push();
        let answer = self.parts.admission.admit(push.clone(), peer);
        self.admissions.spawn(async move { (connection, push, answer.await) });
    }

    /// Whether they may. The director of the session is told nothing: no push was refused.
    pub(super) fn probe_decided(
        &mut self,
        connection: ConnectionId,
        session: SessionId,
        answer: Result<Admitted, AdmissionRefusal>,
    ) {
        let refusal = match answer {
            // A push came in the meantime.
            Ok(_) if self.publishers.pushes(session) => Refusal::Occupied,
            Ok(Admitted { passphrase }) => {
                if let Err(error) = self.listener.accept(connection, &passphrase, Instant::now()) {
                    self.probes.leave(connection);
                    warn!(%session, %error, "the session's passphrase cannot be used");
                }
                return;
            }
            Err(reason) => refusal::code(reason),
        };
        info!(%session, reason = %refusal, "a probe was refused");
        self.probes.leave(connection);
        self.listener.refuse(connection, refusal, Instant::now());
    }

    /// A connection is open; true when it is a probe's.
    pub(super) fn probe_connected(&mut self, connection: ConnectionId) -> bool {
        let entered = self.probes.enter(connection, Instant::now());
        if let Some(session) = entered {
            info!(%session, "the way of a push is measured");
            if self.publishers.pushes(session) {
                self.end_probe(session);
            }
        }
        entered.is_some()
    }

    /// True when what came is a probe's.
    pub(super) fn probe_message(&mut self, connection: ConnectionId, bytes: usize) -> bool {
        let Some(session) = self.probes.session(connection) else { return false };
        if self.probes.count(connection, bytes) {
            self.end_probe(session);
        }
        true
    }

    /// A connection is gone; true when it was a probe's.
    pub(super) fn probe_closed(&mut self, connection: ConnectionId) -> bool {
        self.probes.leave(connection).is_some()
    }

    /// Those that have had their time.
    pub(super) fn end_old_probes(&mut self, now: Instant) {
        for connection in self.probes.over(now) {
            self.probes.leave(connection);
            self.listener.close(connection, now);
        }
    }

    /// The way is the programme's now, or nobody's.
    pub(super) fn end_probe(&mut self, session: SessionId) {
        if let Some(connection) = self.probes.of(session) {
            self.probes.leave(connection);
            self.listener.close(connection, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn session(n: u8) -> SessionId {
        SessionId::from_parts(n.into(), [n; 10])
    }

    #[test]
    fn a_session_is_measured_by_one_at_a_time() {
        let (mut probes, now) = (Probes::default(), Instant::now());
        assert!(probes.ask(1, session(1)));
        assert!(!probes.ask(2, session(1)), "one asks already");
        assert!(probes.ask(3, session(2)));
        assert_eq!(probes.enter(1, now), Some(session(1)));
        assert!(!probes.ask(2, session(1)), "one sends already");
        assert_eq!(probes.leave(1), Some(session(1)));
        assert!(probes.ask(2, session(1)));
    }

    #[test]
    fn a_probe_has_its_time_and_its_bytes_and_no_more() {
        let (mut probes, now) = (Probes::default(), Instant::now());
        assert!(probes.ask(1, session(1)) && probes.ask(2, session(2)));
        assert!(!probes.count(1, usize::MAX), "it has proven nothing yet");
        probes.enter(1, now);
        assert!(probes.over(now + StreamProbe::LONGEST - Duration::from_millis(1)).is_empty());
        assert_eq!(
            probes.over(now + StreamProbe::LONGEST),
            [1],
            "who only asked is the listener's to forget"
        );
        let most = usize::try_from(StreamProbe::MOST_BYTES).unwrap();
        assert!(!probes.count(1, most));
        assert!(probes.count(1, 1));
    }
}
