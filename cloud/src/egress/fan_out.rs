//! From the ingest to every shard, without waiting.
//!
//! A full queue drops: pictures until the next keyframe of their layer can be told to follow a gap, sound packet
//! by packet. What a room is told is kept until there is place, for it is state.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use returnfeed_protocol::{Layer, SessionId};
use returnfeed_simulcast::Present;
use tokio::sync::mpsc::{self, error::TrySendError};

use crate::ingest::{Content, Frame};
use crate::metrics::DROPPED_FRAMES;

/// What a shard is fed.
pub(crate) enum Fed {
    /// A frame, and whether this shard misses something of its layer right before it.
    Frame { frame: Arc<Frame>, after_gap: bool },
    /// How a session stands now.
    Room { session: SessionId, present: Present, keyframes_on_request: bool },
}

/// The queues to all shards.
#[derive(Clone)]
pub(crate) struct FanOut {
    shards: Vec<Shard>,
}

#[derive(Clone)]
struct Shard {
    queue: mpsc::Sender<Fed>,
    missed: HashSet<(SessionId, Layer)>,
    untold: HashMap<SessionId, (Present, bool)>,
}

impl FanOut {
    pub(super) fn new(queues: Vec<mpsc::Sender<Fed>>) -> Self {
        let shard = |queue| Shard { queue, missed: HashSet::new(), untold: HashMap::new() };
        Self { shards: queues.into_iter().map(shard).collect() }
    }

    /// Hands a frame to every shard.
    pub(crate) fn deliver(&mut self, frame: Frame) {
        let frame = Arc::new(frame);
        for shard in &mut self.shards {
            shard.tell_rooms();
            shard.deliver(&frame);
        }
    }

    /// Tells every shard how a session stands.
    pub(crate) fn room(&mut self, session: SessionId, present: Present, keyframes_on_request: bool) {
        for shard in &mut self.shards {
            shard.untold.insert(session, (present, keyframes_on_request));
            shard.tell_rooms();
        }
    }
}

impl Shard {
    fn deliver(&mut self, frame: &Arc<Frame>) {
        let of = (frame.session, frame.layer);
        let after_gap = match frame.content {
            Content::Video { after_gap, .. } => after_gap || self.missed.contains(&of),
            Content::Audio => false,
        };
        match self.queue.try_send(Fed::Frame { frame: Arc::clone(frame), after_gap }) {
            Ok(()) if frame.content == Content::Audio => {}
            Ok(()) => {
                self.missed.remove(&of);
            }
            Err(TrySendError::Full(_)) => {
                DROPPED_FRAMES.add(1);
                if frame.content != Content::Audio {
                    self.missed.insert(of);
                }
            }
            // The server is stopping.
            Err(TrySendError::Closed(_)) => {}
        }
    }

    fn tell_rooms(&mut self) {
        if self.untold.is_empty() {
            return;
        }
        let queue = &self.queue;
        self.untold.retain(|session, (present, keyframes_on_request)| {
            let fed = Fed::Room {
                session: *session,
                present: *present,
                keyframes_on_request: *keyframes_on_request,
            };
            matches!(queue.try_send(fed), Err(TrySendError::Full(_)))
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use returnfeed_protocol::MediaTime;

    use super::*;

    fn frame(content: Content) -> Frame {
        let now = Instant::now();
        Frame {
            session: SessionId::from_parts(1, [0; 10]),
            layer: Layer::High,
            content,
            pts: MediaTime(0),
            at: now,
            captured: None,
            arrived: now,
            payloads: Vec::new(),
            bytes: 0,
        }
    }

    #[test]
    fn a_full_queue_drops_pictures_and_the_next_one_says_so() {
        let (sender, mut receiver) = mpsc::channel(2);
        let mut fan_out = FanOut::new(vec![sender]);
        let picture = Content::Video { keyframe: false, after_gap: false };
        for _ in 0..3 {
            fan_out.deliver(frame(picture));
        }
        let gaps = |receiver: &mut mpsc::Receiver<Fed>| match receiver.try_recv() {
            Ok(Fed::Frame { after_gap, .. }) => Some(after_gap),
            _ => None,
        };
        assert_eq!(gaps(&mut receiver), Some(false));
        fan_out.deliver(frame(Content::Audio));
        assert_eq!(gaps(&mut receiver), Some(false));
        fan_out.deliver(frame(picture));
        assert_eq!(gaps(&mut receiver), Some(false), "the sound");
        assert_eq!(gaps(&mut receiver), Some(true), "the picture after the gap");
        fan_out.deliver(frame(picture));
        assert_eq!(gaps(&mut receiver), Some(false));
    }

    #[test]
    fn a_shard_that_stands_still_costs_the_others_nothing() {
        let (stuck, _never_read) = mpsc::channel(1);
        let (sender, mut receiver) = mpsc::channel(2);
        let mut fan_out = FanOut::new(vec![stuck, sender]);
        let session = SessionId::from_parts(1, [0; 10]);
        let picture = Content::Video { keyframe: false, after_gap: false };
        for _ in 0..100 {
            fan_out.room(session, Present::default(), true);
            assert!(matches!(receiver.try_recv(), Ok(Fed::Room { .. })));
            fan_out.deliver(frame(picture));
            assert!(matches!(receiver.try_recv(), Ok(Fed::Frame { after_gap: false, .. })));
        }
    }

    #[test]
    fn what_a_room_is_told_is_never_lost() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut fan_out = FanOut::new(vec![sender]);
        let session = SessionId::from_parts(1, [0; 10]);
        fan_out.deliver(frame(Content::Audio));
        fan_out.room(session, Present::default(), true);
        receiver.try_recv().unwrap();
        fan_out.deliver(frame(Content::Audio));
        assert!(matches!(receiver.try_recv(), Ok(Fed::Room { keyframes_on_request: true, .. })));
    }
}
