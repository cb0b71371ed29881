//! One case, one cost: processes started in their order, the units pushed, everybody's last line gathered.

use anyhow::Result;

use crate::cases::{CASE_PLAN, Case, cost_plan};
use crate::child::Part;
use crate::ends::{Kind, Receive, Received, Send, Sent};
use crate::relay::{self, Carried};
use crate::units::Plan;
use crate::usage::Cost;

/// libsrt with its default latency, and with the least at which it delivers regularly.
pub(crate) const LIBSRT: Kind = Kind::Libsrt { latency_ms: 120 };
pub(crate) const LIBSRT_20: Kind = Kind::Libsrt { latency_ms: 20 };
/// The rows of each case; they play at the same time.
pub(crate) const ROWS: [Kind; 3] = [Kind::Ours, LIBSRT, LIBSRT_20];

/// What knows of stalls beyond the watchdog's.
pub(crate) trait Stalls {
    fn stalls(&self) -> u32;
}

/// A case, played.
pub(crate) struct Case_ {
    /// In the order of [`ROWS`].
    pub(crate) rows: Vec<(Received, Sent)>,
    pub(crate) carried: Carried,
}

impl Stalls for Case_ {
    fn stalls(&self) -> u32 {
        self.carried.stalls
    }
}

/// What streams cost each end of ours and of libsrt; the other end is ours, the same for both.
pub(crate) struct Cost_ {
    pub(crate) ours: Ends,
    pub(crate) libsrt: Ends,
}

/// What both ends cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) receiver: Cost,
    pub(crate) sender: Cost,
    /// Units that the receiver did not get: above zero the machine was not enough.
    pub(crate) lost: usize,
}

impl Stalls for Cost_ {
    fn stalls(&self) -> u32 {
        0
    }
}

/// Plays a case: all rows at once, each with its streams, over the same path.
pub(crate) fn case(case: &Case) -> Result<Case_> {
    let plan = CASE_PLAN;
    let mut receivers = ROWS
        .map(|kind| Part::start("receive", &Receive { kind, plan }))
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let ports = receivers.iter_mut().map(Part::hear).collect::<Result<Vec<u16>>>()?;
    let mut path =
        Part::start("relay", &relay::Told { case: *case, streams: plan.streams, receivers: ports })?;
    let ports: Vec<Vec<u16>> = path.hear()?;
    let mut senders = Vec::new();
    for (kind, ports) in ROWS.into_iter().zip(ports) {
        senders.push(Part::start("send", &Send { kind, plan, ports })?);
    }
    let sent = senders.iter_mut().map(Part::hear).collect::<Result<Vec<Sent>>>()?;
    let received = receivers.into_iter().map(Part::stop).collect::<Result<Vec<Received>>>()?;
    Ok(Case_ { rows: received.into_iter().zip(sent).collect(), carried: path.stop()? })
}

/// Measures what so many streams cost.
pub(crate) fn cost(streams: u32) -> Result<Cost_> {
    let plan = cost_plan(streams);
    let (received, sent) = pair(Kind::Ours, Kind::Ours, plan)?;
    let (libsrt_received, _) = pair(Kind::Ours, LIBSRT, plan)?;
    let (_, libsrt_sent) = pair(LIBSRT, Kind::Ours, plan)?;
    Ok(Cost_ {
        ours: Ends { receiver: received.cost, sender: sent.cost, lost: received.delays.lost },
        libsrt: Ends {
            receiver: libsrt_received.cost,
            sender: libsrt_sent.cost,
            lost: libsrt_received.delays.lost,
        },
    })
}

/// One sender's process to one receiver's, without a path between them.
fn pair(sender: Kind, receiver: Kind, plan: Plan) -> Result<(Received, Sent)> {
    let mut receiver = Part::start("receive", &Receive { kind: receiver, plan })?;
    let port: u16 = receiver.hear()?;
    let ports = vec![port; plan.streams as usize];
    let mut sender = Part::start("send", &Send { kind: sender, plan, ports })?;
    let sent = sender.hear()?;
    Ok((receiver.stop()?, sent))
}
