//! What was sent lately, for whoever asks for it again (RFC 4588).
//!
//! Invariant: bounded in number and age; what is repeated stays a fixed share of what is sent, so that a bad path is
//! not made worse; one packet is not repeated twice within a round trip.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The share is of this long.
const WINDOW: Duration = Duration::from_secs(1);
/// A burst that hits few packets may be repeated whole.
const ALWAYS: usize = 10_000;

/// A packet that may be asked for again.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its extended sequence number.
    pub seq: u64,
    /// Its timestamp.
    pub timestamp: u32,
    /// Its marker.
    pub marker: bool,
    /// Its payload.
    pub payload: Arc<[u8]>,
    sent: Instant,
    repeated: Option<Instant>,
}

/// One stream's memory.
#[derive(Debug)]
pub struct Repair {
    packets: VecDeque<Kept>,
    most: usize,
    age: Duration,
    /// One in so many bytes may be a repetition.
    share: usize,
    /// Since when the bytes are counted; those of the window before it, and those since: sent, repeated.
    since: Instant,
    before: (usize, usize),
    counted: (usize, usize),
}

impl Repair {
    /// Keeps `most` packets for `age`; one byte in `share` may be a repetition.
    pub fn new(most: usize, age: Duration, share: usize, now: Instant) -> Self {
        Self { packets: VecDeque::new(), most, age, share, since: now, before: (0, 0), counted: (0, 0) }
    }

    /// Keeps a packet. Packets come in their order, without a gap unless [`Self::clear`] stood between.
    pub fn keep(&mut self, seq: u64, timestamp: u32, marker: bool, payload: Arc<[u8]>, now: Instant) {
        self.turn(now);
        self.counted.0 = self.counted.0.saturating_add(payload.len());
        while self.packets.len() >= self.most || self.packets.front().is_some_and(|old| self.is_old(old, now))
        {
            self.packets.pop_front();
        }
        self.packets.push_back(Kept { seq, timestamp, marker, payload, sent: now, repeated: None });
    }

    /// The packet with this number, to be repeated now; `None` if it is gone, too old, was repeated less than a
    /// round trip ago, or enough was repeated already.
    pub fn repeat(&mut self, seq: u16, round_trip: Duration, now: Instant) -> Option<&Kept> {
        self.turn(now);
        let first = self.packets.front()?.seq;
        let ahead = seq.wrapping_sub(first as u16);
        let wanted = first.checked_add(u64::from(ahead))?;
        // Contiguous but for what was left out by a `clear`, which empties it.
        let index = usize::from(ahead);
        let (sent, repeated) =
            (self.before.0.saturating_add(self.counted.0), self.before.1.saturating_add(self.counted.1));
        let length = self.packets.get(index).filter(|kept| kept.seq == wanted)?.payload.len();
        let all = sent.saturating_add(repeated).checked_div(self.share).unwrap_or(0).max(ALWAYS);
        if repeated.saturating_add(length) > all {
            return None;
        }
        let age = self.age;
        let kept = self.packets.get_mut(index)?;
        let since = |at: Instant| now.saturating_duration_since(at);
        if since(kept.sent) > age || kept.repeated.is_some_and(|at| since(at) < round_trip) {
            return None;
        }
        kept.repeated = Some(now);
        self.counted.1 = self.counted.1.saturating_add(length);
        Some(kept)
    }

    /// The newest packets first: what may go out once more as padding.
    pub fn newest(&self) -> impl Iterator<Item = &Kept> {
        self.packets.iter().rev()
    }

    /// Forgets everything: nobody needs it repeated.
    pub fn clear(&mut self) {
        self.packets.clear();
    }

    fn is_old(&self, kept: &Kept, now: Instant) -> bool {
        now.saturating_duration_since(kept.sent) > self.age
    }

    fn turn(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        if passed >= WINDOW {
            let recent = passed < WINDOW.saturating_mul(2);
            self.before = if recent { self.counted } else { (0, 0) };
            self.counted = (0, 0);
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(40);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn begin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
        Instant::now()
    }

    fn filled(now: Instant, first: u64, count: u64, bytes: usize) -> Repair {
        let mut repair = Repair::new(256, ms(1_000), 4, now);
        for seq in first..first + count {
            repair.keep(seq, seq as u32, false, vec![0; bytes].into(), now);
        }
        repair
    }

    #[test]
    fn what_was_sent_is_found_across_the_wrap_and_nothing_else() {
        let now = begin();
        let mut repair = filled(now, 65_530, 20, 100);
        for seq in 65_530..65_550_u64 {
            assert_eq!(repair.repeat(seq as u16, ROUND_TRIP, now).unwrap().seq, seq);
        }
        for seq in [65_529_u64, 65_550, 65_530 + 30_000] {
            assert!(repair.repeat(seq as u16, ROUND_TRIP, now).is_none(), "{seq}");
        }
        repair.clear();
        assert!(repair.repeat(65_530_u64 as u16, ROUND_TRIP, now).is_none());
    }

    #[test]
    fn twice_only_after_a_round_trip_and_never_what_is_too_old() {
        let now = begin();
        let mut repair = filled(now, 10, 3, 100);
        assert!(repair.repeat(11, ROUND_TRIP, now).is_some());
        assert!(repair.repeat(11, ROUND_TRIP, now + ms(39)).is_none());
        assert!(repair.repeat(11, ROUND_TRIP, now + ms(40)).is_some());
        assert!(repair.repeat(12, ROUND_TRIP, now + ms(1_001)).is_none());
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let now = begin();
        let mut repair = filled(now, 0, 300, 10);
        assert!(repair.repeat(43, ROUND_TRIP, now).is_none());
        assert_eq!(repair.repeat(44, ROUND_TRIP, now).unwrap().seq, 44);
        assert_eq!(repair.newest().next().unwrap().seq, 299);
    }

    #[test]
    fn repetitions_stay_a_quarter_of_what_is_sent() {
        let now = begin();
        let mut repair = filled(now, 0, 100, 1_000);
        let repeated = (0..100).filter(|seq| repair.repeat(*seq, ROUND_TRIP, now).is_some()).count();
        assert_eq!(repeated, 33, "a quarter of 100 packets and of themselves");
    }
}
