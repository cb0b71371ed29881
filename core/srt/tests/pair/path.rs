//! A path's weather: delay, jitter, loss alone and in bursts, doubling. One seed, one course of events.

use std::time::Duration;

/// How the path between both ends behaves, the same both ways, each with dice of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) delay: Duration,
    /// On top of the delay, anything up to this: packets overtake each other.
    pub(crate) jitter: Duration,
    pub(crate) loss_per_mille: u64,
    /// How many packets in a row are lost, on average; the share of lost ones stays.
    pub(crate) burst: u64,
    pub(crate) doubled_per_mille: u64,
}

impl Path {
    pub(crate) const CLEAN: Self = Self {
        delay: Duration::from_millis(5),
        jitter: Duration::ZERO,
        loss_per_mille: 0,
        burst: 1,
        doubled_per_mille: 0,
    };

    pub(crate) const fn rtt(ms: u64) -> Self {
        Self { delay: Duration::from_millis(ms / 2), ..Self::CLEAN }
    }
}

/// One direction of a path.
pub(crate) struct Way {
    pub(crate) path: Path,
    random: u64,
    in_burst: bool,
}

impl Way {
    pub(crate) fn new(path: Path, seed: u64) -> Self {
        let mut way = Self { path, random: seed, in_burst: false };
        // Neighbouring seeds would throw the same dice, one throw apart.
        way.random = way.dice();
        way
    }

    /// The delays after which copies of a packet arrive: none, one, or two.
    pub(crate) fn carry(&mut self) -> Vec<Duration> {
        if self.loses() {
            return Vec::new();
        }
        let copies = if self.dice() % 1000 < self.path.doubled_per_mille { 2 } else { 1 };
        (0..copies).map(|_| self.path.delay + self.jitter()).collect()
    }

    /// Alone: with the share's probability. In bursts: a burst begins so rarely, and ends so rarely, that the share
    /// of lost packets is the same.
    fn loses(&mut self) -> bool {
        let Path { loss_per_mille, burst, .. } = self.path;
        if burst <= 1 || loss_per_mille >= 1000 {
            return self.dice() % 1000 < loss_per_mille;
        }
        self.in_burst = if self.in_burst {
            !self.dice().is_multiple_of(burst)
        } else {
            self.dice() % (1_000_000 * burst) < 1_000_000 * loss_per_mille / (1000 - loss_per_mille)
        };
        self.in_burst
    }

    fn jitter(&mut self) -> Duration {
        let most = self.path.jitter.as_micros() as u64;
        Duration::from_micros(if most == 0 { 0 } else { self.dice() % most })
    }

    /// splitmix64.
    pub(crate) fn dice(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
