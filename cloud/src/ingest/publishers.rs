//! Who pushes: one publisher for each session, by the newest key, one connection for each of its layers.
//!
//! Pure: it decides, the loop closes and opens. A connection counts here once it has proven the passphrase.

use std::collections::HashMap;

use returnfeed_protocol::{Layer, PublishKeyId, SessionId, StreamId};

use super::source::Source;

struct Publisher {
    key: PublishKeyId,
    layers: HashMap<Layer, Source>,
}

/// A newer key runs already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Superseded;

/// The publishers of all sessions.
#[derive(Default)]
pub(crate) struct Publishers(HashMap<SessionId, Publisher>);

impl Publishers {
    /// Whether this stream's key is older than the running publisher's.
    pub(crate) fn supersedes(&self, stream: &StreamId) -> bool {
        self.0.get(&stream.session).is_some_and(|publisher| publisher.key > stream.key)
    }

    /// Whether anybody pushes there.
    pub(crate) fn pushes(&self, session: SessionId) -> bool {
        self.0.contains_key(&session)
    }

    /// Lets a connection in. Returns the connections to close for it: the same layer's, or all of an older key.
    pub(crate) fn enter(&mut self, stream: &StreamId, connection: Source) -> Result<Vec<Source>, Superseded> {
        if self.supersedes(stream) {
            return Err(Superseded);
        }
        let publisher = self
            .0
            .entry(stream.session)
            .or_insert_with(|| Publisher { key: stream.key, layers: HashMap::new() });
        let mut closed = Vec::new();
        if publisher.key < stream.key {
            publisher.key = stream.key;
            closed.extend(publisher.layers.drain().map(|(_, connection)| connection));
        }
        closed.extend(publisher.layers.insert(stream.layer, connection));
        Ok(closed)
    }

    /// A connection is gone.
    pub(crate) fn leave(&mut self, stream: &StreamId, connection: Source) {
        if let Some(publisher) = self.0.get_mut(&stream.session) {
            publisher.layers.retain(|_, held| *held != connection);
            if publisher.layers.is_empty() {
                self.0.remove(&stream.session);
            }
        }
    }

    /// Ends a session's publisher. Returns its connections.
    pub(crate) fn end(&mut self, session: SessionId) -> Vec<Source> {
        self.0.remove(&session).map(|publisher| publisher.layers.into_values().collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::StreamMode;

    use super::super::source::PullId;
    use super::*;

    fn connections(count: u64) -> Vec<Source> {
        (0..count).map(|n| Source::Pull(PullId(n))).collect()
    }

    fn stream(key: u64, layer: Layer) -> StreamId {
        StreamId {
            mode: StreamMode::Publish,
            session: SessionId::from_parts(1, [1; 10]),
            layer,
            key: PublishKeyId::from_parts(key, [1; 10]),
        }
    }

    #[test]
    fn both_layers_of_one_key_are_one_publisher() {
        let ids = connections(2);
        let mut publishers = Publishers::default();
        assert_eq!(publishers.enter(&stream(1, Layer::High), ids[0]), Ok(vec![]));
        assert_eq!(publishers.enter(&stream(1, Layer::Low), ids[1]), Ok(vec![]));
        assert_eq!(publishers.end(stream(1, Layer::Low).session).len(), 2);
    }

    #[test]
    fn a_newer_key_takes_over_and_an_older_one_is_refused() {
        let ids = connections(4);
        let mut publishers = Publishers::default();
        publishers.enter(&stream(1, Layer::High), ids[0]).unwrap();
        publishers.enter(&stream(1, Layer::Low), ids[1]).unwrap();
        let mut closed = publishers.enter(&stream(2, Layer::Low), ids[2]).unwrap();
        closed.sort();
        let mut both = vec![ids[0], ids[1]];
        both.sort();
        assert_eq!(closed, both);
        assert!(publishers.supersedes(&stream(1, Layer::High)));
        assert_eq!(publishers.enter(&stream(1, Layer::High), ids[3]), Err(Superseded));
    }

    #[test]
    fn a_layer_that_reconnects_replaces_itself_and_its_late_goodbye_changes_nothing() {
        let ids = connections(2);
        let mut publishers = Publishers::default();
        publishers.enter(&stream(1, Layer::High), ids[0]).unwrap();
        assert_eq!(publishers.enter(&stream(1, Layer::High), ids[1]), Ok(vec![ids[0]]));
        publishers.leave(&stream(1, Layer::High), ids[0]);
        assert_eq!(publishers.end(stream(1, Layer::High).session), vec![ids[1]]);
    }
}
