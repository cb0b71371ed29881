//! Where a stream comes from: somebody who called our port, or a server that we called.

use std::time::Duration;

use bytes::Bytes;
use returnfeed_protocol::StreamId;
use returnfeed_srt::{ConnectionId, ConnectionStats};
use tracing::debug;

use super::Ingest;

/// A stream that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Source {
    /// A push to our port.
    Call(ConnectionId),
    /// A request of ours at another server.
    Pull(PullId),
}

/// One request of ours at another server, while it is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PullId(pub(crate) u64);

/// What a request of ours brought. The key orders pulls of one session as keys order pushes: a newer one takes over.
#[derive(Debug)]
pub(crate) struct Pulled {
    pub(crate) pull: PullId,
    pub(crate) stream: StreamId,
    pub(crate) what: Brought,
}

/// In order.
#[derive(Debug)]
pub(crate) enum Brought {
    Began,
    Message(Bytes),
    Lost,
    Path(ConnectionStats),
    Ended,
}

impl Ingest {
    /// What a request of ours brought.
    pub(super) fn pulled(&mut self, Pulled { pull, stream, what }: Pulled) {
        let source = Source::Pull(pull);
        match what {
            Brought::Began => {
                if self.begin(source, stream, Duration::ZERO).is_err() {
                    debug!("a pull was overtaken by a newer one");
                }
            }
            Brought::Message(data) => self.message(source, &data),
            Brought::Lost => self.lost(source),
            Brought::Path(stats) => {
                if let Some(open) = self.streams.get_mut(&source) {
                    open.pulled = stats;
                }
            }
            Brought::Ended => self.forget(source),
        }
    }
}
