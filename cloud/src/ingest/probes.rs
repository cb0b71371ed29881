//! Who measures the way of a push before there is one: what they send is counted, acknowledged and thrown away.
//!
//! It refuses to disturb a programme: one probe for each session, none beside a push, and none that a push finds; and to tell
//! anything of a session to who has not proven its passphrase, or to keep a place for them. Invariant: a probe ends by itself
//! after [`StreamProbe::LONGEST`] or [`StreamProbe::MOST_BYTES`], whatever its caller wants.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::SocketAddr;
use std::time::Instant;

use returnfeed_protocol::{SessionId, StreamProbe};
use returnfeed_srt::{ConnectionId, Refusal};
use tracing::{info, warn};

use super::{Ingest, Wish, refusal};
use crate::media::{AdmissionRefusal, Admitted};

/// One that sends.
struct Sends<C> {
    connection: C,
    until: Instant,
    bytes: u64,
}

/// The probes of all sessions. Pure: it decides, the loop opens and closes.
pub(super) struct Probes<C = ConnectionId> {
    /// Who has still to be let in, and to prove the passphrase: any number, until the listener forgets them.
    asked: HashMap<C, SessionId>,
    sends: HashMap<SessionId, Sends<C>>,
}

impl<C> Default for Probes<C> {
    fn default() -> Self {
        Self { asked: HashMap::new(), sends: HashMap::new() }
    }
}

impl<C: Copy + Eq + Hash> Probes<C> {
    /// Somebody asks to measure.
    fn ask(&mut self, connection: C, session: SessionId) {
        self.asked.insert(connection, session);
    }

    /// Whether they ask still.
    fn asks(&self, connection: C) -> bool {
        self.asked.contains_key(&connection)
    }

    /// Which session's this connection is; nothing where it is none of these.
    fn session(&self, connection: C) -> Option<SessionId> {
        let sends = || self.sends.iter().find(|(_, sends)| sends.connection == connection);
        self.asked.get(&connection).copied().or_else(|| sends().map(|(session, _)| *session))
    }

    /// They have proven the passphrase; `None` for whoever is no probe, false where the way is measured already.
    fn enter(&mut self, connection: C, now: Instant) -> Option<(SessionId, bool)> {
        let session = self.asked.remove(&connection)?;
        let free = !self.sends.contains_key(&session);
        if free {
            self.sends.insert(session, Sends { connection, until: now + StreamProbe::LONGEST, bytes: 0 });
        }
        Some((session, free))
    }

    /// So much came; `None` where it is no probe's, true when it is enough.
    fn count(&mut self, connection: C, more: usize) -> Option<bool> {
        let sends = self.sends.values_mut().find(|sends| sends.connection == connection)?;
        sends.bytes = sends.bytes.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        Some(sends.bytes > StreamProbe::MOST_BYTES)
    }

    fn leave(&mut self, connection: C) -> Option<SessionId> {
        let session = self.session(connection)?;
        if self.asked.remove(&connection).is_none() {
            self.sends.remove(&session);
        }
        Some(session)
    }

    /// The one that sends.
    fn of(&self, session: SessionId) -> Option<C> {
        self.sends.get(&session).map(|sends| sends.connection)
    }

    /// Those that have had their time.
    fn over(&self, now: Instant) -> Vec<C> {
        self.sends.values().filter(|sends| sends.until <= now).map(|sends| sends.connection).collect()
    }
}

impl Ingest {
    /// Somebody wants to know what the way carries.
    pub(super) fn probe_asked(&mut self, connection: ConnectionId, probe: StreamProbe, peer: SocketAddr) {
        let session = probe.session;
        self.probes.ask(connection, session);
        let answer = self.parts.admission.admit(probe.push(), peer);
        self.admissions.spawn(async move { (connection, Wish::Measure(session), answer.await) });
    }

    /// Whether they may. The director of the session is told nothing: no push was refused.
    pub(super) fn probe_decided(
        &mut self,
        connection: ConnectionId,
        session: SessionId,
        answer: Result<Admitted, AdmissionRefusal>,
    ) {
        if !self.probes.asks(connection) {
            return; // it has gone meanwhile
        }
        let in_use = self.publishers.pushes(session) || self.probes.of(session).is_some();
        let refusal = match answer {
            Ok(Admitted { passphrase }) if in_use && self.listener.proves(connection, &passphrase) => {
                Refusal::Occupied
            }
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
        if let Some((session, free)) = entered {
            // Between the answer and the proof somebody else may have come.
            if free && !self.publishers.pushes(session) {
                info!(%session, "the way of a push is measured");
            } else {
                self.probes.leave(connection);
                self.listener.close(connection, Instant::now());
            }
        }
        entered.is_some()
    }

    /// True when what came is a probe's.
    pub(super) fn probe_message(&mut self, connection: ConnectionId, bytes: usize) -> bool {
        let Some(enough) = self.probes.count(connection, bytes) else { return false };
        if enough {
            self.probes.leave(connection);
            self.listener.close(connection, Instant::now());
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
        for (connection, n) in [(1, 1), (2, 1), (3, 2)] {
            probes.ask(connection, session(n));
        }
        assert_eq!(probes.of(session(1)), None, "who only asks keeps no place");
        assert_eq!(probes.enter(2, now), Some((session(1), true)));
        assert_eq!(probes.enter(1, now), Some((session(1), false)), "one sends already");
        assert_eq!(probes.enter(3, now), Some((session(2), true)));
        assert_eq!(probes.enter(4, now), None, "no probe");
        assert_eq!(probes.leave(1), None, "who was turned away takes nobody along");
        assert_eq!(probes.of(session(1)), Some(2));
        assert_eq!(probes.leave(2), Some(session(1)));
        probes.ask(1, session(1));
        assert_eq!(probes.enter(1, now), Some((session(1), true)));
    }

    #[test]
    fn a_probe_has_its_time_and_its_bytes_and_no_more() {
        let (mut probes, now) = (Probes::default(), Instant::now());
        probes.ask(1, session(1));
        probes.ask(2, session(2));
        assert_eq!(probes.count(1, usize::MAX), None, "it has proven nothing yet");
        probes.enter(1, now);
        assert!(probes.over(now + StreamProbe::LONGEST - Duration::from_millis(1)).is_empty());
        assert_eq!(
            probes.over(now + StreamProbe::LONGEST),
            [1],
            "who only asked is the listener's to forget"
        );
        let most = usize::try_from(StreamProbe::MOST_BYTES).unwrap();
        assert_eq!(probes.count(1, most), Some(false));
        assert_eq!(probes.count(1, 1), Some(true));
    }
}
