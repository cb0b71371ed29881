//! Which picture left when. A picture is known again by its last bytes, which every server passes on as they are.
//!
//! Shared between the publisher's thread and the viewers' without a lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use returnfeed_media::Track;

use crate::stream::Stream;

/// Enough to tell the pictures of ten seconds apart.
const TAIL: usize = 48;

/// When each unit of the stream was sent last.
pub(crate) struct Ledger {
    by_tail: HashMap<Vec<u8>, Option<usize>>,
    sent_ns: Vec<AtomicU64>,
    length: Duration,
}

impl Ledger {
    pub(crate) fn new(stream: &Stream) -> Self {
        let mut by_tail = HashMap::new();
        for (index, (_, unit)) in stream.units.iter().enumerate() {
            if let Some(tail) = tail(&unit.data).filter(|_| unit.track == Track::Video) {
                // Two that end alike are told apart by nobody, so neither is measured.
                by_tail.entry(tail.to_vec()).and_modify(|index| *index = None).or_insert(Some(index));
            }
        }
        let sent_ns = stream.units.iter().map(|_| AtomicU64::new(0)).collect();
        Self { by_tail, sent_ns, length: stream.length }
    }

    /// Pictures a second that can be known again: what a viewer that misses none sees of them.
    pub(crate) fn pictures_a_second(&self) -> f64 {
        self.by_tail.values().flatten().count() as f64 / self.length.as_secs_f64()
    }

    /// The unit begins to be sent at `at`.
    pub(crate) fn sent(&self, index: usize, at: SystemTime) {
        if let Some(sent) = self.sent_ns.get(index) {
            sent.store(nanos(at), Ordering::Relaxed);
        }
    }

    /// How long the picture that ends with this payload was on its way, if it is one that is known.
    pub(crate) fn delay(&self, payload: &[u8], at: SystemTime) -> Option<Duration> {
        let index = (*self.by_tail.get(tail(payload)?)?)?;
        let sent = self.sent_ns.get(index)?.load(Ordering::Relaxed);
        (sent > 0).then(|| Duration::from_nanos(nanos(at).saturating_sub(sent)))
    }
}

fn tail(bytes: &[u8]) -> Option<&[u8]> {
    bytes.len().checked_sub(TAIL).and_then(|from| bytes.get(from..))
}

fn nanos(at: SystemTime) -> u64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
