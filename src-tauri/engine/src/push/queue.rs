//! What waits to be pushed on one layer. Pure.
//!
//! Holds at most [`LIMIT`] units. Full, it drops the picture up to the next keyframe, asks for one, and keeps the
//! newest sound. Invariant: the first picture that leaves after a loss or after [`UnitQueue::restart`] is a keyframe.

use std::collections::VecDeque;

use returnfeed_media::{Track, Unit};

use crate::encode::Timed;

/// About a second of both tracks: longer would only be shown too late.
const LIMIT: usize = 110;

/// The queue between encoder and network.
#[derive(Debug, Default)]
pub(super) struct UnitQueue {
    units: VecDeque<Timed>,
    awaiting_keyframe: bool,
    dropped: u64,
}

/// What the encoder must be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Nothing.
    Nothing,
    /// A keyframe of this layer.
    Keyframe,
}

impl UnitQueue {
    /// Forgets everything: a new connection begins with a keyframe.
    pub(super) fn restart(&mut self) {
        self.units.clear();
        self.awaiting_keyframe = true;
    }

    /// A unit came from the encoder.
    pub(super) fn push(&mut self, unit: Timed) -> Wanted {
        if unit.unit.track == Track::Video {
            if self.awaiting_keyframe && !unit.unit.keyframe {
                self.dropped += 1;
                return Wanted::Nothing;
            }
            if unit.unit.keyframe {
                self.awaiting_keyframe = false;
            }
        }
        self.units.push_back(unit);
        if self.units.len() > LIMIT { self.shed() } else { Wanted::Nothing }
    }

    /// The next unit to push.
    pub(super) fn pop(&mut self) -> Option<Timed> {
        self.units.pop_front()
    }

    /// Drops the picture before the newest keyframe; without one in the queue, all of it.
    fn shed(&mut self) -> Wanted {
        let is_video = |unit: &Unit| unit.track == Track::Video;
        let newest_keyframe = self.units.iter().rposition(|t| is_video(&t.unit) && t.unit.keyframe);
        let before = self.units.len();
        let keep_from = newest_keyframe.filter(|at| *at > 0);
        let mut index = 0;
        self.units.retain(|timed| {
            let keep = !is_video(&timed.unit) || keep_from.is_some_and(|from| index >= from);
            index += 1;
            keep
        });
        while self.units.len() > LIMIT / 2 && self.units.front().is_some_and(|t| !is_video(&t.unit)) {
            self.units.pop_front();
        }
        self.dropped += (before - self.units.len()) as u64;
        if keep_from.is_some() {
            return Wanted::Nothing;
        }
        self.awaiting_keyframe = true;
        Wanted::Keyframe
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use returnfeed_protocol::MediaTime;

    fn video(n: u64, keyframe: bool) -> Timed {
        let unit = Unit { track: Track::Video, pts: MediaTime(n), data: Bytes::new(), keyframe };
        Timed { unit, stages: None }
    }

    fn audio(n: u64) -> Timed {
        let unit = Unit { track: Track::Audio, pts: MediaTime(n), data: Bytes::new(), keyframe: false };
        Timed { unit, stages: None }
    }

    fn leaving(queue: &mut UnitQueue) -> Vec<Unit> {
        std::iter::from_fn(|| queue.pop()).map(|timed| timed.unit).collect()
    }

    #[test]
    fn a_full_queue_drops_the_picture_to_the_next_keyframe_and_asks_for_one() {
        let mut queue = UnitQueue::default();
        let mut asked = 0;
        for n in 0..200 {
            asked += u32::from(queue.push(video(n, n == 0)) == Wanted::Keyframe);
            queue.push(audio(n));
        }
        assert_eq!(asked, 1);
        queue.push(video(200, true));
        queue.push(video(201, false));
        let units = leaving(&mut queue);
        assert!(units.len() <= LIMIT, "{}", units.len());
        let pictures: Vec<&Unit> = units.iter().filter(|u| u.track == Track::Video).collect();
        assert_eq!(pictures.iter().map(|u| u.pts.0).collect::<Vec<_>>(), [200, 201]);
        assert!(units.iter().any(|u| u.track == Track::Audio && u.pts.0 == 199), "the newest sound stays");
        assert!(queue.dropped > 0);
    }

    #[test]
    fn a_full_queue_that_holds_a_keyframe_continues_from_it() {
        let mut queue = UnitQueue::default();
        for n in 0..=LIMIT as u64 {
            assert_eq!(queue.push(video(n, n == 0 || n == 100)), Wanted::Nothing);
        }
        let units = leaving(&mut queue);
        assert_eq!(units.first().map(|u| (u.pts.0, u.keyframe)), Some((100, true)));
    }

    #[test]
    fn a_new_connection_begins_with_a_keyframe() {
        let mut queue = UnitQueue::default();
        queue.push(video(1, true));
        queue.restart();
        queue.push(video(2, false));
        queue.push(audio(2));
        queue.push(video(3, true));
        assert_eq!(leaving(&mut queue).iter().map(|u| u.pts.0).collect::<Vec<_>>(), [2, 3]);
    }
}
