//! The session's picture, as its pages and its director are told of it.
//!
//! Refuses to know layers by itself: the media plane is asked. Invariant: what is wrong with a layer goes with the layer.

use returnfeed_protocol::{IngestState, Layer, Picture, Problem};

use super::{Inner, Room};
use crate::relay::locked;

impl Room {
    /// Layers came or went.
    pub(in crate::relay) fn handle_picture_changed(&self) {
        let picture = self.media.picture_anywhere(self.session);
        let mut inner = locked(&self.inner);
        inner.refused.retain(|layer, _| !picture.layers.contains(layer));
        let ingest = Layer::ALL.map(|layer| (layer, inner.ingest(layer, &picture)));
        inner.tell_director(|slots| slots.ingest.extend(ingest));
        inner.tell_greeted(|slots| slots.picture = Some(picture.clone()));
    }

    /// A layer stopped; what was wrong with it besides goes with it.
    pub(in crate::relay) fn handle_layer_lost(&self, layer: Layer) {
        locked(&self.inner).impaired.remove(&layer);
        self.handle_picture_changed();
    }

    /// A layer arrives without something that its encoder sends.
    pub(in crate::relay) fn handle_ingest_impaired(&self, layer: Layer, problem: Problem) {
        let picture = self.media.picture_anywhere(self.session);
        let mut inner = locked(&self.inner);
        let problems = inner.impaired.entry(layer).or_default();
        // One of each kind: a stream that changes back and forth does not pile them up.
        problems.retain(|known| known.code != problem.code);
        problems.push(problem);
        let ingest = inner.ingest(layer, &picture);
        inner.tell_director(|slots| {
            slots.ingest.insert(layer, ingest);
        });
    }

    /// A layer has this shortcoming no longer; it may not have had it.
    pub(in crate::relay) fn handle_ingest_mended(&self, layer: Layer, code: &str) {
        let picture = self.media.picture_anywhere(self.session);
        let mut inner = locked(&self.inner);
        let Some(problems) = inner.impaired.get_mut(&layer) else { return };
        let before = problems.len();
        problems.retain(|known| known.code != code);
        if problems.len() == before {
            return;
        }
        let ingest = inner.ingest(layer, &picture);
        inner.tell_director(|slots| {
            slots.ingest.insert(layer, ingest);
        });
    }

    /// A push cannot be used.
    pub(in crate::relay) fn handle_ingest_refused(&self, layer: Layer, problem: Problem) {
        let mut inner = locked(&self.inner);
        inner.refused.insert(layer, problem.clone());
        inner.tell_director(|slots| {
            slots.ingest.insert(layer, IngestState::Refused { problem });
        });
    }

    /// Somebody needs an IDR; false when there is no director here to be asked.
    pub(in crate::relay) fn handle_keyframe_wanted(&self, layer: Layer) -> bool {
        let inner = locked(&self.inner);
        inner.tell_director(|slots| {
            slots.keyframes.insert(layer);
        });
        inner.uplink.is_some()
    }
}

impl Inner {
    pub(super) fn ingest(&self, layer: Layer, picture: &Picture) -> IngestState {
        match self.refused.get(&layer) {
            _ if picture.layers.contains(&layer) => {
                IngestState::Receiving { problems: self.impaired.get(&layer).cloned().unwrap_or_default() }
            }
            Some(problem) => IngestState::Refused { problem: problem.clone() },
            None => IngestState::Absent,
        }
    }
}
