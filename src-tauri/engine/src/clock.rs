//! The engine's one timeline: time since the engine started, on the monotonic clock that GStreamer uses too.
//!
//! Refuses to be the wall clock; [`wall_us`] reads that one apart, only for the capture time that travels with a
//! frame. Invariant: engine time never goes back, and every pipeline's running time maps to it by a constant.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gst::prelude::*;

/// A moment: time since the engine started.
pub type EngineTime = Duration;

/// Reads engine time; clones read the same timeline.
#[derive(Debug, Clone)]
pub struct EngineClock {
    clock: gst::Clock,
    origin: gst::ClockTime,
}

impl EngineClock {
    /// Starts the timeline now.
    pub fn start() -> Self {
        let clock = gst::SystemClock::obtain();
        let origin = clock.time();
        Self { clock, origin }
    }

    /// Now.
    pub fn now(&self) -> EngineTime {
        self.clock.time().saturating_sub(self.origin).into()
    }

    /// Makes a pipeline use this clock, whatever clocks its elements offer.
    pub(crate) fn rule(&self, pipeline: &gst::Pipeline) {
        pipeline.use_clock(Some(&self.clock));
    }

    /// Makes a pipeline's running time the engine time itself.
    pub(crate) fn align(&self, pipeline: &gst::Pipeline) {
        self.rule(pipeline);
        pipeline.set_start_time(gst::ClockTime::NONE);
        pipeline.set_base_time(self.origin);
    }

    /// The engine time of a running time of an element whose base time is `base`; `None` before the origin.
    pub(crate) fn at(&self, base: gst::ClockTime, running: gst::ClockTime) -> Option<EngineTime> {
        Some((base + running).checked_sub(self.origin)?.into())
    }
}

/// Microseconds of a count that began with this program and never jumps: by it the cloud knows how old a word is.
pub fn run_us() -> u64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGAN.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Wall time in microseconds since 1970, as in a capture stamp: comparable with a browser's clock.
pub fn wall_us() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}
