//! The two ends as processes: whichever SRT it is, the same units, the same pacing, the same ledger.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::child::{end_with_parent, say, stop_asked};
use crate::ledger::{Delays, Ledger};
use crate::units::Plan;
use crate::usage::{Cost, Meter};
use crate::{libsrt, ours};

pub(crate) const PASSPHRASE: &str = "a passphrase of this session";

/// Whose SRT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Ours,
    /// With this latency.
    Libsrt {
        latency_ms: u32,
    },
}

/// What a receiver is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Receive {
    pub(crate) kind: Kind,
    pub(crate) plan: Plan,
}

/// What a sender is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Send {
    pub(crate) kind: Kind,
    pub(crate) plan: Plan,
    /// Where each stream goes.
    pub(crate) ports: Vec<u16>,
}

/// A receiver's last line.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Received {
    pub(crate) delays: Delays,
    pub(crate) cost: Cost,
}

/// A sender's last line.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// Packets that were sent again.
    pub(crate) repeated: u64,
    pub(crate) cost: Cost,
}

/// Receives until it is asked to stop; its first line is its port.
pub(crate) fn receive(told: &Receive) -> Result<()> {
    let mut ledger = Ledger::new(told.plan);
    let stop = stop_asked();
    match told.kind {
        Kind::Ours => ours::receive(&mut ledger, &stop)?,
        Kind::Libsrt { latency_ms } => libsrt::receive(latency_ms, &mut ledger, &stop)?,
    }
    say(&Received { delays: ledger.delays(), cost: ledger.meter.cost() })
}

/// Sends everything, waits for what is still to be repeated, and says how it went.
pub(crate) fn send(told: &Send) -> Result<()> {
    end_with_parent();
    let mut meter = Meter::new(told.plan);
    let repeated = match told.kind {
        Kind::Ours => ours::send(told, &mut meter)?,
        Kind::Libsrt { latency_ms } => libsrt::send(latency_ms, told, &mut meter)?,
    };
    say(&Sent { repeated, cost: meter.cost() })
}
