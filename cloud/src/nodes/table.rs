//! Which servers live, and which of them has which session's push, as they say it of themselves.
//!
//! Pure. It refuses to be the truth about anything else. Invariant: what was not said again for [`GONE`] is not so any
//! more.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, PublishKeyId, SessionId};
use serde::{Deserialize, Serialize};

use super::Role;
use crate::relay::Node;

/// Three beats missed.
const GONE: Duration = Duration::from_secs(3);

/// What a server says of itself, each second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Card {
    /// What it does.
    pub(crate) role: Role,
    /// `https://host[:port]`, where viewers and other servers reach it; none: they do not.
    pub(crate) url: Option<String>,
    /// UDP, on the host of `url`.
    pub(crate) srt_port: u16,
    /// Viewer sessions.
    pub(crate) viewers: u32,
    /// Whether it takes no more.
    pub(crate) draining: bool,
}

/// A push, as the server that takes it tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    /// The newest key wins, as between two pushes to one server.
    pub(crate) key: PublishKeyId,
    /// Which layers arrive.
    pub(crate) high: bool,
    /// Which layers arrive.
    pub(crate) low: bool,
    /// How far the clock that stamps the pictures is ahead of that server's, in µs.
    pub(crate) ahead_us: Option<i64>,
    /// Whether its encoder can be asked for keyframes.
    pub(crate) on_request: bool,
}

impl Held {
    /// The layers that arrive there.
    pub(crate) fn layers(self) -> Vec<Layer> {
        let all = [(Layer::High, self.high), (Layer::Low, self.low)];
        all.into_iter().filter_map(|(layer, arrives)| arrives.then_some(layer)).collect()
    }
}

/// Who has a session's push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) node: Node,
    pub(crate) card: Card,
    pub(crate) held: Held,
}

/// All servers but ours.
#[derive(Debug, Default)]
pub(crate) struct Table(BTreeMap<Node, Other>);

#[derive(Debug, Default)]
struct Other {
    card: Option<(Card, Instant)>,
    held: BTreeMap<SessionId, (Held, Instant)>,
}

impl Table {
    /// A server said what it is.
    pub(crate) fn handle_card(&mut self, node: Node, card: Card, now: Instant) {
        self.0.entry(node).or_default().card = Some((card, now));
    }

    /// A server said that it has a session's push, or none any more.
    pub(crate) fn handle_push(&mut self, node: Node, session: SessionId, held: Option<Held>, now: Instant) {
        let all = &mut self.0.entry(node).or_default().held;
        match held {
            Some(held) => all.insert(session, (held, now)),
            None => all.remove(&session),
        };
    }

    /// Forgets what is not so any more.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        for other in self.0.values_mut() {
            other.held.retain(|_, (_, heard)| is_fresh(*heard, now));
            other.card.take_if(|(_, heard)| !is_fresh(*heard, now));
        }
        self.0.retain(|_, other| other.card.is_some() || !other.held.is_empty());
    }

    /// Who has the session's newest push.
    pub(crate) fn holder(&self, session: SessionId, now: Instant) -> Option<Holder> {
        let holders = self.0.iter().filter_map(|(node, other)| {
            let (held, heard) = other.held.get(&session)?;
            let card = other.card(now)?.clone();
            is_fresh(*heard, now).then_some(Holder { node: *node, card, held: *held })
        });
        holders.max_by_key(|holder| holder.held.key)
    }

    /// Where the edge with the fewest viewers is.
    pub(crate) fn emptiest_edge(&self, now: Instant) -> Option<&str> {
        let cards = self.0.values().filter_map(|other| other.card(now));
        let edges = cards.filter(|card| card.role == Role::Edge && !card.draining && card.url.is_some());
        edges.min_by_key(|card| card.viewers)?.url.as_deref()
    }

    /// Whether somebody lives who does not drain.
    pub(crate) fn others_take(&self, now: Instant) -> bool {
        self.0.values().filter_map(|other| other.card(now)).any(|card| !card.draining)
    }

    /// Where viewers may be sent, each once.
    pub(crate) fn urls(&self, now: Instant) -> Vec<String> {
        let mut urls: Vec<String> =
            self.0.values().filter_map(|other| other.card(now)?.url.clone()).collect();
        urls.sort_unstable();
        urls.dedup();
        urls
    }
}

impl Other {
    fn card(&self, now: Instant) -> Option<&Card> {
        self.card.as_ref().filter(|(_, heard)| is_fresh(*heard, now)).map(|(card, _)| card)
    }
}

fn is_fresh(heard: Instant, now: Instant) -> bool {
    now.saturating_duration_since(heard) <= GONE
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Node = Node(1);
    const TWO: Node = Node(2);
    const SECOND: Duration = Duration::from_secs(1);

    fn card(role: Role, name: &str, viewers: u32) -> Card {
        let url = Some(format!("https://{name}.example.org"));
        Card { role, url, srt_port: 8890, viewers, draining: false }
    }

    fn session() -> SessionId {
        SessionId::from_parts(1, [1; 10])
    }

    fn held(key: u64) -> Option<Held> {
        Some(Held {
            key: PublishKeyId::from_parts(key, [0; 10]),
            high: true,
            low: false,
            ahead_us: None,
            on_request: true,
        })
    }

    #[test]
    fn the_newest_push_counts_until_its_server_is_not_heard_for_three_seconds() {
        let (mut table, begin) = (Table::default(), Instant::now());
        let who = |table: &Table, at| table.holder(session(), at).map(|holder| holder.node);
        table.handle_push(ONE, session(), held(1), begin);
        assert_eq!(who(&table, begin), None, "where it is, is not known yet");
        table.handle_card(ONE, card(Role::All, "one", 0), begin);
        table.handle_card(TWO, card(Role::Origin, "two", 0), begin);
        assert_eq!(who(&table, begin), Some(ONE));
        table.handle_push(TWO, session(), held(2), begin + SECOND);
        assert_eq!(who(&table, begin + SECOND), Some(TWO));
        table.handle_card(ONE, card(Role::All, "one", 0), begin + 3 * SECOND);
        table.handle_push(ONE, session(), held(1), begin + 3 * SECOND);
        assert_eq!(who(&table, begin + 3 * SECOND), Some(TWO));
        assert_eq!(who(&table, begin + 5 * SECOND), Some(ONE), "the newer one is gone");
        table.handle_push(ONE, session(), None, begin + 5 * SECOND);
        assert_eq!(who(&table, begin + 5 * SECOND), None);
        table.handle_timeout(begin + 10 * SECOND);
        assert!(table.0.is_empty());
    }

    #[test]
    fn viewers_are_sent_to_the_edge_with_the_fewest_that_takes_some() {
        let (mut table, now) = (Table::default(), Instant::now());
        assert_eq!(table.emptiest_edge(now), None);
        table.handle_card(ONE, card(Role::Edge, "one", 9), now);
        table.handle_card(TWO, card(Role::Edge, "two", 3), now);
        table.handle_card(Node(3), card(Role::All, "three", 0), now);
        table.handle_card(Node(4), Card { draining: true, ..card(Role::Edge, "four", 0) }, now);
        assert_eq!(table.emptiest_edge(now), Some("https://two.example.org"));
        assert_eq!(table.emptiest_edge(now + 4 * SECOND), None);
        assert_eq!(table.urls(now).len(), 4);
        assert!(table.others_take(now) && !table.others_take(now + 4 * SECOND));
        let mut last = Table::default();
        last.handle_card(ONE, Card { draining: true, ..card(Role::All, "one", 0) }, now);
        assert!(!last.others_take(now), "it drains too");
    }
}
