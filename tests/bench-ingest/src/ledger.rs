//! What arrived, and when: one line for each unit that was promised. A unit is there when its last message is.

use serde::{Deserialize, Serialize};

use crate::units::{Plan, now_ns, stamp};
use crate::usage::Meter;

/// Not there.
const ABSENT: u32 = u32::MAX;

/// The ledger of a receiver. Its memory is all taken at the start, so that it does not look like a connection's.
pub(crate) struct Ledger {
    plan: Plan,
    /// Messages of each unit.
    parts: Vec<u8>,
    /// Microseconds from handing over to delivery.
    delays: Vec<u32>,
    pub(crate) meter: Meter,
}

/// How late units were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Delays {
    pub(crate) lost: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

impl Ledger {
    pub(crate) fn new(plan: Plan) -> Self {
        let units = (plan.streams * plan.units) as usize;
        // Written to, or the system would give it only when it is used.
        let mut parts = vec![1; units];
        parts.fill(0);
        Self { plan, parts, delays: vec![ABSENT; units], meter: Meter::new(plan) }
    }

    /// A message was delivered.
    pub(crate) fn note(&mut self, message: &[u8]) {
        let Some(stamp) = stamp(message) else { return };
        self.meter.at_unit(stamp.unit);
        if stamp.unit >= self.plan.units || stamp.stream >= self.plan.streams {
            return;
        }
        let index = (stamp.stream * self.plan.units + stamp.unit) as usize;
        self.parts[index] += 1;
        if self.parts[index] == stamp.parts {
            let delay = now_ns().saturating_sub(stamp.at_ns) / 1000;
            self.delays[index] = u32::try_from(delay).unwrap_or(ABSENT - 1);
        }
    }

    pub(crate) fn delays(&self) -> Delays {
        let mut there: Vec<u32> = self.delays.iter().copied().filter(|delay| *delay != ABSENT).collect();
        there.sort_unstable();
        let at = |share: f64| {
            let index = (there.len().saturating_sub(1) as f64 * share).round() as usize;
            there.get(index).map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
        };
        Delays {
            lost: self.delays.len() - there.len(),
            p50_ms: at(0.5),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
            max_ms: at(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::messages;

    #[test]
    fn a_unit_without_its_last_message_is_lost() {
        let mut ledger = Ledger::new(Plan { streams: 2, units: 3, after: 1 });
        for (stream, unit, taken) in [(0, 0, 16), (0, 1, 2), (0, 2, 1), (1, 0, 15), (1, 1, 2), (1, 3, 2)] {
            messages(stream, unit).take(taken).for_each(|message| ledger.note(&message));
        }
        let delays = ledger.delays();
        assert_eq!(delays.lost, 3);
        assert!(delays.max_ms < 10_000.0);
    }
}
