//! Which sessions an edge fetches, from whom, and when it lets them go.
//!
//! Pure: it decides, the shell calls. It refuses to end what arrives because nobody is heard: a bus that is away says
//! nothing about the picture.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{PublishKeyId, SessionId};

use super::table::Holder;
use crate::relay::Node;

/// After the last viewer: most of who goes comes back at once, by a reload or a change of network.
const LINGER: Duration = Duration::from_secs(60);

/// What is to be done about a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Fetch it from there from now on, and from nowhere else.
    Fetch(Holder),
    /// Nobody watches any more.
    Drop,
}

/// The sessions that are fetched.
#[derive(Debug, Default)]
pub(super) struct Pulls(BTreeMap<SessionId, Pull>);

#[derive(Debug)]
struct Pull {
    watched: Instant,
    from: Option<(Node, PublishKeyId)>,
}

impl Pulls {
    /// A viewer asks for it.
    pub(super) fn want(&mut self, session: SessionId, now: Instant) {
        self.0.entry(session).or_insert(Pull { watched: now, from: None }).watched = now;
    }

    /// What is fetched now.
    pub(super) fn sessions(&self) -> Vec<SessionId> {
        self.0.keys().copied().collect()
    }

    /// Who has the push, as far as is known.
    pub(super) fn handle_holder(&mut self, session: SessionId, holder: Option<Holder>) -> Option<Change> {
        let (pull, holder) = (self.0.get_mut(&session)?, holder?);
        let from = Some((holder.node, holder.held.key));
        if pull.from == from || holder.card.url.is_none() {
            return None;
        }
        pull.from = from;
        Some(Change::Fetch(holder))
    }

    /// How many watch.
    pub(super) fn handle_viewers(
        &mut self,
        session: SessionId,
        viewers: u32,
        now: Instant,
    ) -> Option<Change> {
        let pull = self.0.get_mut(&session)?;
        if viewers > 0 {
            pull.watched = now;
            return None;
        }
        if now.saturating_duration_since(pull.watched) < LINGER {
            return None;
        }
        self.0.remove(&session);
        Some(Change::Drop)
    }

    /// The session is over.
    pub(super) fn forget(&mut self, session: SessionId) {
        self.0.remove(&session);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role;
    use super::super::table::{Card, Held};
    use super::*;

    fn holder(node: u64, key: u64) -> Option<Holder> {
        let url = Some("https://one.example.org".to_owned());
        let card = Card { role: Role::Origin, url, srt_port: 8890, viewers: 0, draining: false };
        let held = Held {
            key: PublishKeyId::from_parts(key, [0; 10]),
            high: true,
            low: true,
            ahead_us: None,
            on_request: true,
        };
        Some(Holder { node: Node(node), card, held })
    }

    #[test]
    fn a_session_is_fetched_from_its_first_viewer_to_a_minute_after_the_last() {
        let (mut pulls, begin) = (Pulls::default(), Instant::now());
        let session = SessionId::from_parts(1, [1; 10]);
        let after = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(pulls.handle_holder(session, holder(1, 1)), None, "nobody asked");
        pulls.want(session, begin);
        assert_eq!(pulls.handle_holder(session, None), None);
        assert_eq!(pulls.handle_holder(session, holder(1, 1)), holder(1, 1).map(Change::Fetch));
        assert_eq!(pulls.handle_holder(session, holder(1, 1)), None, "once");
        assert_eq!(pulls.handle_viewers(session, 2, after(100)), None);
        assert_eq!(pulls.handle_viewers(session, 0, after(159)), None);
        pulls.want(session, after(159));
        assert_eq!(pulls.handle_viewers(session, 0, after(218)), None, "one who only asks counts");
        assert_eq!(pulls.handle_viewers(session, 0, after(219)), Some(Change::Drop));
        assert!(pulls.sessions().is_empty());
    }

    #[test]
    fn a_push_that_moves_is_followed_and_silence_about_it_changes_nothing() {
        let mut pulls = Pulls::default();
        let session = SessionId::from_parts(1, [1; 10]);
        pulls.want(session, Instant::now());
        assert!(pulls.handle_holder(session, holder(1, 1)).is_some());
        assert_eq!(pulls.handle_holder(session, None), None, "perhaps the bus is away");
        assert_eq!(pulls.handle_holder(session, holder(2, 2)), holder(2, 2).map(Change::Fetch));
        assert_eq!(pulls.handle_holder(session, holder(2, 3)), holder(2, 3).map(Change::Fetch), "a new run");
    }
}
