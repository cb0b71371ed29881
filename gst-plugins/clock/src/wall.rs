//! The wall clock, and how it stands to a pipeline's running time.
//!
//! The wall clock is the one a browser on the same machine compares with (`Date.now()`). It refuses to follow noise:
//! a mapping stays until it is off by more than a millisecond. Invariant: within one mapping, samples are evenly
//! spaced.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gst::prelude::*;

/// Off by this much, the mapping is replaced: the wall clock was set, or has drifted.
const NOTABLE_NS: u64 = 1_000_000;

/// Now, since 1970. A clock before 1970 reads as 1970.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Now, in microseconds since 1970.
pub(crate) fn now_us() -> u64 {
    u64::try_from(now().as_micros()).unwrap_or(u64::MAX)
}

/// The wall clock minus the running time, in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    offset: Option<i64>,
}

impl Mapping {
    /// Takes a new measurement and gives the offset to use.
    pub(crate) fn follow(&mut self, measured: i64) -> i64 {
        let kept = self.offset.filter(|offset| offset.abs_diff(measured) <= NOTABLE_NS);
        *self.offset.insert(kept.unwrap_or(measured))
    }
}

/// Measures wall clock minus running time; none without a clock, that is before PLAYING. Of a few tries the one that
/// was disturbed least counts.
pub(crate) fn measure(element: &gst::Element) -> Option<i64> {
    const TRIES: usize = 4;
    let tries = (0..TRIES).filter_map(|_| {
        let before = element.current_running_time()?.nseconds();
        let wall = i64::try_from(now().as_nanos()).ok()?;
        let after = element.current_running_time()?.nseconds();
        let middle = i64::try_from(before + after.saturating_sub(before) / 2).ok()?;
        Some((after.saturating_sub(before), wall - middle))
    });
    tries.min_by_key(|(disturbed, _)| *disturbed).map(|(_, offset)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_does_not_move_the_mapping_but_a_step_does() {
        let mut mapping = Mapping::default();
        assert_eq!(mapping.follow(5_000_000), 5_000_000);
        assert_eq!(mapping.follow(5_900_000), 5_000_000);
        assert_eq!(mapping.follow(4_100_000), 5_000_000);
        assert_eq!(mapping.follow(9_000_000), 9_000_000);
    }
}
