//! What this process uses: time on a core, and memory. Measured while units flow, the first second left out.

use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use serde::{Deserialize, Serialize};

use crate::units::Plan;

/// Units of a stream before measuring begins.
const WARM: u32 = 60;

/// What a stream costs the process that carries it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cost {
    pub(crate) cpu_percent_per_stream: f64,
    pub(crate) kib_per_connection: f64,
}

/// Measures between two units, whichever stream brings them first.
pub(crate) struct Meter {
    plan: Plan,
    empty_kib: u64,
    begun: Option<(Instant, f64)>,
    cost: Option<Cost>,
}

impl Meter {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan, empty_kib: 0, begun: None, cost: None }
    }

    /// Everything is there but connections.
    pub(crate) fn empty(&mut self) {
        self.empty_kib = resident_kib();
    }

    /// This unit is dealt with.
    pub(crate) fn at_unit(&mut self, unit: u32) {
        match self.begun {
            None if unit >= WARM => self.begun = Some((Instant::now(), cpu_seconds())),
            Some((at, before)) if unit + 1 >= self.plan.units && self.cost.is_none() => {
                let streams = f64::from(self.plan.streams);
                let share = (cpu_seconds() - before) / at.elapsed().as_secs_f64();
                self.cost = Some(Cost {
                    cpu_percent_per_stream: share * 100.0 / streams,
                    kib_per_connection: resident_kib().saturating_sub(self.empty_kib) as f64 / streams,
                });
            }
            _ => {}
        }
    }

    pub(crate) fn cost(&self) -> Cost {
        self.cost.unwrap_or_default()
    }
}

/// User and system time of all threads of this process.
fn cpu_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process may look at itself");
    let seconds = |time: TimeVal| time.num_microseconds() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
