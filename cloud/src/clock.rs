//! The wall clock, given to whoever needs one, so that a test can let a token expire without waiting.
//!
//! It refuses to measure durations: those are `Instant`s.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A count of µs that began with this process and never jumps: what another machine compares with nothing but itself.
pub fn run_us(now: Instant) -> u64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(now.saturating_duration_since(*BEGAN).as_micros()).unwrap_or(u64::MAX)
}

/// Unix time in µs by this machine's clock: the line on which capture times lie.
pub fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Unix time, shifted by what a test asks for; all clones are shifted together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    shift_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Unix time in ms.
    pub fn unix_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        system.saturating_add_signed(self.shift_ms.load(Ordering::Relaxed))
    }

    /// Lets that much time pass at once.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.shift_ms.fetch_add(by, Ordering::Relaxed);
    }
}
