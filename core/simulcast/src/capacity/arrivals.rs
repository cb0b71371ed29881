//! What arrived of what was sent: its rate on both clocks, and how long it stood in a queue.

use std::time::{Duration, Instant};

/// The least wait is of this long: a path may change for good.
const MEMORY: Duration = Duration::from_secs(10);

/// One packet that arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived {
    pub(super) sent: Instant,
    /// On the receiver's clock, whose zero means nothing.
    pub(super) at_us: i64,
    pub(super) bytes: u64,
}

/// Bits a second, as sent and as arrived, of the same packets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    pub(super) sent: u64,
    pub(super) arrived: u64,
}

impl Rates {
    /// Of packets that took at least so long to arrive; the first one only marks the beginning.
    pub(super) fn of(packets: &[Arrived], least_us: i64) -> Option<Self> {
        let first = packets.iter().min_by_key(|packet| packet.at_us)?;
        let last = packets.iter().map(|packet| packet.at_us).max()?;
        let (sent_first, sent_last) =
            (packets.iter().map(|p| p.sent).min()?, packets.iter().map(|p| p.sent).max()?);
        let arriving = last - first.at_us;
        let sending = u64::try_from(sent_last.saturating_duration_since(sent_first).as_micros()).ok()?;
        if arriving < least_us || sending == 0 {
            return None;
        }
        let bits = (packets.iter().map(|packet| packet.bytes).sum::<u64>() - first.bytes) * 8_000_000;
        Some(Self { sent: bits / sending, arrived: bits / u64::try_from(arriving).ok()?.max(1) })
    }
}

/// The least that packets waited on their way: whatever is beyond it is a queue's.
#[derive(Debug, Clone, Default)]
pub(super) struct Waits {
    origin: Option<Instant>,
    /// The least wait and when it was seen, of this stretch of [`MEMORY`] and of the one before.
    least: [Option<(Instant, i64)>; 2],
}

impl Waits {
    pub(super) fn note(&mut self, arrived: &Arrived) {
        self.origin.get_or_insert(arrived.sent);
        let wait = self.wait_us(arrived);
        let [current, before] = &mut self.least;
        match current {
            Some((since, least)) if arrived.sent.saturating_duration_since(*since) < MEMORY => {
                *least = wait.min(*least);
            }
            _ => {
                *before = current.take();
                *current = Some((arrived.sent, wait));
            }
        }
    }

    /// How long it stood in a queue.
    pub(super) fn queued_us(&self, arrived: &Arrived) -> i64 {
        let least = self.least.iter().flatten().map(|(_, wait)| *wait).min();
        least.map_or(0, |least| self.wait_us(arrived) - least)
    }

    /// A packet's wait on its way, on a line whose zero means nothing.
    fn wait_us(&self, arrived: &Arrived) -> i64 {
        let origin = self.origin.unwrap_or(arrived.sent);
        let sent = arrived.sent.saturating_duration_since(origin).as_micros();
        arrived.at_us.saturating_sub(i64::try_from(sent).unwrap_or(i64::MAX))
    }
}
