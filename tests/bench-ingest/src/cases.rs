//! The list: which weather, and how many streams for the costs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::path::Path;
use crate::units::Plan;

/// Streams of each row of a case.
const STREAMS: u32 = 8;
/// Pooled units of each row, at least.
const UNITS: u32 = 20_000;
/// A second of units that are not counted.
const AFTER: u32 = 60;

/// What is pushed in each case.
pub(crate) const CASE_PLAN: Plan = Plan { streams: STREAMS, units: UNITS.div_ceil(STREAMS), after: AFTER };
/// For how many streams the cost is measured.
pub(crate) const COST_STREAMS: [u32; 3] = [1, 50, 100];

/// What is pushed to measure the cost: nine seconds.
pub(crate) const fn cost_plan(streams: u32) -> Plan {
    Plan { streams, units: 9 * 60, after: AFTER / 2 }
}

/// How losses fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pattern {
    /// Each by itself.
    Random,
    /// Three in a row, on average.
    Burst,
}

/// One weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Case {
    /// In percent, each way.
    pub(crate) loss: u64,
    pub(crate) pattern: Pattern,
    pub(crate) rtt_ms: u64,
    pub(crate) jitter_ms: u64,
}

/// The cases, in their order.
pub(crate) const CASES: [Case; 7] = [
    Case::new(0, Pattern::Random, 0),
    Case::new(0, Pattern::Random, 30),
    Case::new(2, Pattern::Random, 30),
    Case::new(5, Pattern::Random, 30),
    Case::new(10, Pattern::Random, 30),
    Case::new(5, Pattern::Burst, 30),
    Case::new(5, Pattern::Random, 100),
];

impl Case {
    const fn new(loss: u64, pattern: Pattern, rtt_ms: u64) -> Self {
        Self { loss, pattern, rtt_ms, jitter_ms: 0 }
    }

    pub(crate) fn path(&self) -> Path {
        let burst = match self.pattern {
            Pattern::Random => 1,
            Pattern::Burst => 3,
        };
        Path {
            loss_per_mille: self.loss * 10,
            burst,
            jitter: Duration::from_millis(self.jitter_ms),
            ..Path::rtt(self.rtt_ms)
        }
    }

    /// The same in each run, another one for each case.
    pub(crate) fn seed(&self) -> u64 {
        1_000 * (1 + self.loss * 1_000 + self.rtt_ms + self.path().burst)
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RTT {} ms, {} %", self.rtt_ms, self.loss)?;
        match self.pattern {
            Pattern::Random if self.loss > 0 => write!(f, " random")?,
            Pattern::Random => {}
            Pattern::Burst => write!(f, " in bursts")?,
        }
        if self.jitter_ms > 0 {
            write!(f, ", jitter {} ms", self.jitter_ms)?;
        }
        Ok(())
    }
}
