//! A session as one shard knows it: what arrives, the last groups of pictures, and who watches here.

use std::sync::Arc;

use returnfeed_protocol::{Layer, ViewerId};
use returnfeed_simulcast::{GopCache, Offered, Present};

use crate::ingest::{Content, Frame};

/// A frame kept for joiners.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) frame: Arc<Frame>,
    pub(super) after_gap: bool,
}

/// One session on one shard.
#[derive(Default)]
pub(super) struct Room {
    pub(super) present: Present,
    pub(super) keyframes_on_request: bool,
    pub(super) viewers: Vec<ViewerId>,
    high: GopCache<Kept>,
    low: GopCache<Kept>,
}

impl Room {
    /// Keeps a picture for whoever joins before the next keyframe.
    pub(super) fn keep(&mut self, frame: &Arc<Frame>, keyframe: bool, after_gap: bool) {
        let kept = Kept { frame: Arc::clone(frame), after_gap };
        let bytes = frame.bytes;
        self.cache(frame.layer).push(kept, keyframe, after_gap, bytes);
    }

    /// What a joiner of this layer is sent at once, and whether what follows can be decoded after it.
    pub(super) fn replay(&self, layer: Layer) -> (Vec<Kept>, bool) {
        let cache = match layer {
            Layer::High => &self.high,
            Layer::Low => &self.low,
        };
        let (kept, complete) = cache.replay(self.keyframes_on_request);
        (kept.to_vec(), complete)
    }

    /// Takes note of how the session stands. Returns the layers that are gone; their pictures are forgotten.
    pub(super) fn set(&mut self, present: Present, keyframes_on_request: bool) -> Vec<Layer> {
        let gone = Layer::ALL.into_iter().filter(|layer| self.present.has(*layer) && !present.has(*layer));
        let gone: Vec<Layer> = gone.collect();
        for layer in &gone {
            self.cache(*layer).clear();
        }
        self.present = present;
        self.keyframes_on_request = keyframes_on_request;
        gone
    }

    /// Nobody watches and nothing arrives.
    pub(super) fn is_idle(&self) -> bool {
        self.viewers.is_empty() && self.present == Present::default()
    }

    fn cache(&mut self, layer: Layer) -> &mut GopCache<Kept> {
        match layer {
            Layer::High => &mut self.high,
            Layer::Low => &mut self.low,
        }
    }
}

/// A frame as a viewer's stream decides over it; `None` for sound.
pub(super) fn offered(frame: &Frame, after_gap: bool) -> Option<(Offered, bool)> {
    let Content::Video { keyframe, .. } = frame.content else { return None };
    let packets = u32::try_from(frame.payloads.len()).unwrap_or(u32::MAX);
    let Frame { layer, pts, at, .. } = *frame;
    Some((Offered { layer, keyframe, pts, at, packets, after_gap }, keyframe))
}
