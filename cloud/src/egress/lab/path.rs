//! A path through a network: a rate, a bounded queue before it, a delay and loss, all of which may change.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// IP and UDP headers, which a path carries too.
const HEADERS: usize = 28;

/// How a path is at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Conditions {
    /// Bits a second.
    pub(super) rate: u64,
    /// One way.
    pub(super) delay: Duration,
    /// How much later still a packet may come, in order.
    pub(super) jitter: Duration,
    /// Fraction of packets lost.
    pub(super) loss: f64,
    /// What does not fit into this much waiting is dropped.
    pub(super) queue: Duration,
}

impl Conditions {
    /// Nothing in the way.
    pub(super) const FREE: Self = Self {
        rate: 100_000_000,
        delay: Duration::from_millis(10),
        jitter: Duration::ZERO,
        loss: 0.0,
        queue: Duration::from_secs(1),
    };
}

/// One direction.
pub(super) struct Path {
    pub(super) conditions: Conditions,
    dice: u64,
    free_at: Instant,
    under_way: VecDeque<(Instant, Vec<u8>)>,
}

impl Path {
    pub(super) fn new(conditions: Conditions, seed: u64, now: Instant) -> Self {
        Self { conditions, dice: seed, free_at: now, under_way: VecDeque::new() }
    }

    /// Takes a datagram; it arrives later, or never.
    pub(super) fn send(&mut self, datagram: &[u8], now: Instant) {
        let Conditions { rate, delay, jitter, loss, queue } = self.conditions;
        let begins = self.free_at.max(now);
        if begins.saturating_duration_since(now) > queue {
            return;
        }
        let bits = (datagram.len() + HEADERS) as f64 * 8.0;
        self.free_at = begins + Duration::from_secs_f64(bits / rate as f64);
        if self.roll() >= loss {
            let late = if jitter.is_zero() { jitter } else { jitter.mul_f64(self.roll()) };
            let before = self.under_way.back().map(|(at, _)| *at);
            let at = before.max(Some(self.free_at + delay + late)).unwrap_or(now);
            self.under_way.push_back((at, datagram.to_vec()));
        }
    }

    /// When the next datagram arrives.
    pub(super) fn arrives(&self) -> Option<Instant> {
        self.under_way.front().map(|(at, _)| *at)
    }

    /// A datagram that has arrived.
    pub(super) fn receive(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.under_way.pop_front_if(|(at, _)| *at <= now).map(|(_, datagram)| datagram)
    }

    /// splitmix64, as a fraction.
    fn roll(&mut self) -> f64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
