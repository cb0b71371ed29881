//! Round-trip time and how much it wavers (4.10): the usual moving averages.

use std::time::Duration;

/// Before the first measurement, as the protocol has it.
const BEGIN: Duration = Duration::from_millis(100);

/// What is known of the round trip.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rtt {
    smoothed: Duration,
    variation: Duration,
    measured: bool,
}

impl Default for Rtt {
    fn default() -> Self {
        Self { smoothed: BEGIN, variation: BEGIN / 2, measured: false }
    }
}

impl Rtt {
    /// Takes one measurement.
    pub(crate) fn sample(&mut self, rtt: Duration) {
        if self.measured {
            self.variation = (self.variation * 3 + self.smoothed.abs_diff(rtt)) / 4;
            self.smoothed = (self.smoothed * 7 + rtt) / 8;
        } else {
            *self = Self { smoothed: rtt, variation: rtt / 2, measured: true };
        }
    }

    /// The peer measured it; its first answers are only [`BEGIN`].
    pub(crate) fn told(&mut self, smoothed: Duration, variation: Duration) {
        if (smoothed, variation) != (BEGIN, BEGIN / 2) {
            *self = Self { smoothed, variation, measured: true };
        }
    }

    /// Average and deviation, both zero while nothing was measured.
    pub(crate) fn known(&self) -> (Duration, Duration) {
        if self.measured { (self.smoothed, self.variation) } else { Default::default() }
    }

    /// Whether there was a measurement.
    pub(crate) const fn is_measured(&self) -> bool {
        self.measured
    }

    /// The average.
    pub(crate) const fn smoothed(&self) -> Duration {
        self.smoothed
    }

    /// The average deviation.
    pub(crate) const fn variation(&self) -> Duration {
        self.variation
    }

    /// By when an answer is there, if it comes at all.
    pub(crate) fn patience(&self) -> Duration {
        self.smoothed + self.variation * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_settles_on_what_is_measured() {
        let mut rtt = Rtt::default();
        assert!(!rtt.is_measured());
        for _ in 0..100 {
            rtt.sample(Duration::from_millis(30));
        }
        assert_eq!(rtt.smoothed().as_millis(), 30);
        assert!(rtt.patience() < Duration::from_millis(31));
    }
}
