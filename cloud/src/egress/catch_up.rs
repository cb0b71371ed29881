//! The pictures of a layer since its last IDR, on their way to a viewer that cannot wait for the next one.
//!
//! Whose path became too narrow is given the low layer at once where the encoder can be asked for a keyframe. Where
//! it cannot, the next may be seconds away: what is kept of the layer goes out instead, faster than it was made, until
//! the viewer stands where everybody stands. It refuses to send it all at once: a narrow path would drop what its
//! queue does not hold. Invariant: each unit goes out once, in order; the newest keyframe overtakes what is older.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Bitrate, Layer};

use super::room::{Kept, offered};

/// The share of what a path carries that these pictures may take: the rest is headers, sound and what is not known.
const SHARE: (u64, u64) = (3, 5);
/// Bits a second, at least: faster than the low layer is made, and with headers and sound no more than 300 kbps.
const LEAST: u64 = 180_000;
/// At most, and where nothing is known of the path: a second's pictures of the low layer in a tenth of it.
const MOST_RATE: u64 = 1_000_000;
/// How much later than due a unit may go without the ones behind it waiting for their turn.
const SLACK: Duration = Duration::from_millis(50);
/// Units that wait, at most: as many as a layer's cache holds and some seconds of live ones.
const MOST: usize = 600;

/// What a viewer has yet to be sent of a layer.
pub(super) struct CatchUp {
    layer: Layer,
    units: VecDeque<Kept>,
    /// Bits a second.
    rate: u64,
    /// When the next unit is due.
    next: Instant,
}

impl CatchUp {
    /// With these units, of which the first is an IDR, over a path that carries so much, as far as that is known.
    pub(super) fn new(layer: Layer, units: Vec<Kept>, carries: Option<Bitrate>, now: Instant) -> Self {
        let rate = carries.map_or(MOST_RATE, |Bitrate(carries)| carries / SHARE.1 * SHARE.0);
        Self { layer, units: units.into(), rate: rate.clamp(LEAST, MOST_RATE), next: now }
    }

    /// Of which layer.
    pub(super) fn layer(&self) -> Layer {
        self.layer
    }

    /// Whether everything went out.
    pub(super) fn is_over(&self) -> bool {
        self.units.is_empty()
    }

    /// Takes a unit that arrives now. A keyframe makes what is older needless; so does a queue too long to be worth
    /// anything, of which the viewer keeps what it has until the next keyframe.
    pub(super) fn push(&mut self, unit: Kept) {
        if unit.frame.layer != self.layer {
            return;
        }
        let is_keyframe = offered(&unit.frame, unit.after_gap).is_some_and(|(_, keyframe)| keyframe);
        if is_keyframe || self.units.len() >= MOST {
            self.units.clear();
        }
        self.units.push_back(unit);
    }

    /// The next unit, once it is due.
    pub(super) fn poll(&mut self, now: Instant) -> Option<Kept> {
        if self.next > now {
            return None;
        }
        let unit = self.units.pop_front()?;
        let bits = u64::try_from(unit.frame.bytes).unwrap_or(u64::MAX).saturating_mul(8);
        let takes = Duration::from_micros(bits.saturating_mul(1_000_000) / self.rate.max(1));
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        self.next = self.next.max(earliest) + takes;
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use returnfeed_protocol::{MediaTime, SessionId};

    use super::*;
    use crate::ingest::{Content, Frame};

    fn unit(layer: Layer, pts: u64, keyframe: bool) -> Kept {
        let now = Instant::now();
        let frame = Frame {
            session: SessionId::from_parts(1, [0; 10]),
            layer,
            content: Content::Video { keyframe, after_gap: false },
            pts: MediaTime(pts),
            at: now,
            captured: None,
            arrived: now,
            payloads: Vec::new(),
            bytes: 4_500, // a tenth of a second of three fifths of 600 kbps
        };
        Kept { frame: Arc::new(frame), after_gap: false }
    }

    fn polled(catch_up: &mut CatchUp, now: Instant) -> Vec<u64> {
        std::iter::from_fn(|| catch_up.poll(now)).map(|kept| kept.frame.pts.0).collect()
    }

    #[test]
    fn the_first_picture_goes_at_once_and_the_others_no_faster_than_a_narrow_path_carries() {
        let begin = Instant::now();
        let units = (0..10).map(|n| unit(Layer::Low, n, n == 0)).collect();
        let mut catch_up = CatchUp::new(Layer::Low, units, Some(Bitrate(600_000)), begin);
        assert_eq!(polled(&mut catch_up, begin), [0]);
        assert_eq!(polled(&mut catch_up, begin + Duration::from_millis(99)), [0; 0]);
        assert_eq!(polled(&mut catch_up, begin + Duration::from_millis(100)), [1]);
        assert_eq!(polled(&mut catch_up, begin + Duration::from_millis(240)), [2]);
        // Who was not asked for a second sends no second's worth.
        assert_eq!(polled(&mut catch_up, begin + Duration::from_millis(1_250)), [3]);
        catch_up.push(unit(Layer::High, 77, true));
        catch_up.push(unit(Layer::Low, 10, false));
        assert!(!catch_up.is_over());
        assert_eq!(polled(&mut catch_up, begin + Duration::from_millis(1_310)), [4]);
    }

    #[test]
    fn a_fresh_keyframe_overtakes_what_is_older() {
        let begin = Instant::now();
        let units = (0..10).map(|n| unit(Layer::Low, n, n == 0)).collect();
        let mut catch_up = CatchUp::new(Layer::Low, units, Some(Bitrate(600_000)), begin);
        assert_eq!(polled(&mut catch_up, begin), [0]);
        catch_up.push(unit(Layer::Low, 11, true));
        assert_eq!(polled(&mut catch_up, begin + Duration::from_millis(100)), [11]);
        assert!(catch_up.is_over());
    }
}
