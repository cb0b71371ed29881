//! What is counted with: filled from any thread without waiting, read whenever somebody asks.

use std::sync::atomic::{AtomicU64, Ordering};

/// A counter that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Zero.
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds.
    pub(crate) fn add(&self, more: usize) {
        self.0.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was counted.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Observations, counted by the smallest bound that holds them.
#[derive(Debug)]
pub(crate) struct Histogram<const N: usize> {
    bounds: &'static [f64; N],
    within: [AtomicU64; N],
    above: AtomicU64,
    /// The bits of an `f64`.
    sum: AtomicU64,
}

/// A histogram at one moment.
pub(super) struct Read<const N: usize> {
    /// Each bound, and how many observations do not exceed it.
    pub(super) cumulative: [(f64, u64); N],
    /// All observations.
    pub(super) count: u64,
    /// Added up.
    pub(super) sum: f64,
}

impl<const N: usize> Histogram<N> {
    /// Nothing observed yet; the bounds ascend.
    pub(crate) const fn new(bounds: &'static [f64; N]) -> Self {
        let within = [const { AtomicU64::new(0) }; N];
        Self { bounds, within, above: AtomicU64::new(0), sum: AtomicU64::new(0) }
    }

    /// Counts a value.
    pub(crate) fn observe(&self, value: f64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        self.within.get(place).unwrap_or(&self.above).fetch_add(1, Ordering::Relaxed);
        let add = |bits: u64| Some((f64::from_bits(bits) + value).to_bits());
        let _always = self.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// How it stands. What is observed meanwhile may be in the sum already and in no bucket yet.
    pub(super) fn read(&self) -> Read<N> {
        let mut below = 0;
        let cumulative = std::array::from_fn(|index| {
            let bound = self.bounds.get(index).copied().unwrap_or(f64::INFINITY);
            below += self.within.get(index).map_or(0, |count| count.load(Ordering::Relaxed));
            (bound, below)
        });
        let count = below + self.above.load(Ordering::Relaxed);
        Read { cumulative, count, sum: f64::from_bits(self.sum.load(Ordering::Relaxed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_observe_together_lose_nothing() {
        static SHARED: Histogram<2> = Histogram::new(&[1.0, 2.0]);
        std::thread::scope(|scope| {
            for value in [0.5, 1.0, 1.5, 3.0] {
                scope.spawn(move || (0..1_000).for_each(|_| SHARED.observe(value)));
            }
        });
        let read = SHARED.read();
        assert_eq!(read.cumulative, [(1.0, 2_000), (2.0, 3_000)]);
        assert_eq!((read.count, read.sum), (4_000, 6_000.0));
    }
}
