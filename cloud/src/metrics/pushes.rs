//! The figures of a session's pushes, each layer's added up over the connections that brought it.
//!
//! Pure. Invariant: what was counted only grows; what was measured is there while the push is.

use std::collections::BTreeMap;

use returnfeed_protocol::Layer;

use crate::media::PushQuality;

/// A count that goes on where the next connection begins at zero.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Total {
    sum: u64,
    last: u64,
}

impl Total {
    fn advance(&mut self, to: u64) {
        self.sum += to.checked_sub(self.last).unwrap_or(to);
        self.last = to;
    }

    pub(super) fn get(self) -> u64 {
        self.sum
    }
}

/// One layer.
#[derive(Debug, Default)]
pub(super) struct Push {
    pub(super) bytes: Total,
    pub(super) messages: Total,
    pub(super) received: Total,
    pub(super) lost: Total,
    pub(super) repeated: Total,
    pub(super) dropped: Total,
    /// While it runs.
    pub(super) now: Option<PushQuality>,
}

/// The pushes of a session.
#[derive(Debug, Default)]
pub(super) struct Pushes(BTreeMap<Layer, Push>);

impl Pushes {
    /// These run now, and no others.
    pub(super) fn handle(&mut self, running: &[PushQuality]) {
        for push in self.0.values_mut() {
            push.now = None;
        }
        for quality in running {
            let push = self.0.entry(quality.layer).or_default();
            push.bytes.advance(quality.bytes);
            push.messages.advance(quality.messages);
            push.received.advance(quality.stats.received_packets);
            push.lost.advance(quality.stats.lost_packets);
            push.repeated.advance(quality.stats.repeated_packets);
            push.dropped.advance(quality.stats.dropped_packets);
            push.now = Some(quality.clone());
        }
    }

    /// Each layer that was ever pushed, the high one first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Layer, &Push)> {
        self.0.iter().rev().map(|(layer, push)| (*layer, push))
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_srt::ConnectionStats;

    use super::*;

    fn quality(bytes: u64, lost_packets: u64) -> PushQuality {
        let stats = ConnectionStats { lost_packets, ..ConnectionStats::default() };
        PushQuality { layer: Layer::High, bytes, messages: 1, stats, delay: None }
    }

    #[test]
    fn a_push_that_begins_anew_is_counted_on() {
        let mut pushes = Pushes::default();
        for push in [quality(100, 1), quality(150, 3)] {
            pushes.handle(&[push]);
        }
        pushes.handle(&[]);
        assert!(pushes.iter().all(|(_, push)| push.now.is_none()), "nothing is measured of what is gone");
        pushes.handle(&[quality(40, 0)]);
        let (layer, push) = pushes.iter().next().unwrap();
        assert_eq!((layer, push.bytes.get(), push.lost.get()), (Layer::High, 190, 3));
    }
}
