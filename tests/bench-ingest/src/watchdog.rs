//! Whether the machine itself stood still: a thread that wants little and often, and notes when it did not get it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const NAP: Duration = Duration::from_millis(5);
/// Longer than this without a turn is a stall.
pub(crate) const STALL: Duration = Duration::from_millis(100);

/// Counts stalls until the program ends.
pub(crate) struct Watchdog(Arc<AtomicU32>);

impl Watchdog {
    pub(crate) fn start() -> Self {
        let stalls = Arc::<AtomicU32>::default();
        let count = Arc::clone(&stalls);
        thread::spawn(move || {
            let mut last = Instant::now();
            loop {
                thread::sleep(NAP);
                let now = Instant::now();
                if now - last > NAP + STALL {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                last = now;
            }
        });
        Self(stalls)
    }

    /// Stalls since this was last asked.
    pub(crate) fn take(&self) -> u32 {
        self.0.swap(0, Ordering::Relaxed)
    }
}
