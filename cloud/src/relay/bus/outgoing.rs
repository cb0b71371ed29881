//! What waits to be said to the other servers.
//!
//! Bounded by what there is to say: a state takes the place of the one before it, of the same kind and session.

use std::collections::BTreeMap;
use std::sync::Mutex;

use returnfeed_protocol::SessionId;
use tokio::sync::Notify;

use super::parcel::{Far, Kind};
use crate::relay::locked;

#[derive(Default)]
pub(super) struct Outgoing {
    waiting: Mutex<BTreeMap<(Kind, Option<SessionId>), Far>>,
    bell: Notify,
}

impl Outgoing {
    pub(super) fn put(&self, session: Option<SessionId>, far: Far) {
        let mut waiting = locked(&self.waiting);
        let at = (far.kind(), session);
        let before = waiting.remove(&at);
        waiting.insert(at, far.after(before));
        drop(waiting);
        self.bell.notify_one();
    }

    /// The next thing to say.
    pub(super) async fn next(&self) -> (Option<SessionId>, Far) {
        loop {
            let taken = locked(&self.waiting).pop_first();
            match taken {
                Some(((_, session), far)) => return (session, far),
                None => self.bell.notified().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::{Epoch, TallySequence, TallyState};

    use super::*;

    fn word(seq: u64) -> Far {
        let state = TallyState { epoch: Epoch(1), seq: TallySequence(seq), cameras: Vec::new() };
        Far::Word { state, said_us: None }
    }

    #[tokio::test]
    async fn a_bus_that_stood_still_says_the_newest_of_each_kind_and_the_director_before_the_word() {
        let (outgoing, one, two) = (
            Outgoing::default(),
            Some(SessionId::from_parts(1, [1; 10])),
            Some(SessionId::from_parts(2, [2; 10])),
        );
        outgoing.put(one, word(1));
        outgoing.put(two, word(7));
        outgoing.put(one, Far::Director { epoch: Epoch(1) });
        outgoing.put(one, word(2));
        assert_eq!(outgoing.next().await, (one, Far::Director { epoch: Epoch(1) }));
        assert_eq!(outgoing.next().await, (one, word(2)));
        assert_eq!(outgoing.next().await, (two, word(7)));
        let nothing = tokio::time::timeout(std::time::Duration::from_millis(10), outgoing.next()).await;
        assert!(nothing.is_err());
    }
}
