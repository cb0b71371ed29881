//! How many bits a second each layer brings, measured over whole seconds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, SessionId};

const WINDOW: Duration = Duration::from_secs(1);
/// The first measure comes early, so that whoever joins at once hears of a rate.
const FIRST: Duration = Duration::from_millis(250);

struct Window {
    since: Instant,
    bytes: u64,
    length: Duration,
}

/// The meters of all layers.
#[derive(Default)]
pub(super) struct Meter(HashMap<(SessionId, Layer), Window>);

impl Meter {
    /// Counts; the rate in bit/s, when a window is full.
    pub(super) fn count(
        &mut self,
        session: SessionId,
        layer: Layer,
        bytes: usize,
        now: Instant,
    ) -> Option<u64> {
        let window = self.0.entry((session, layer)).or_insert(Window { since: now, bytes: 0, length: FIRST });
        let passed = now.saturating_duration_since(window.since);
        if passed < window.length {
            window.bytes = window.bytes.saturating_add(bytes as u64);
            return None;
        }
        let bits = u128::from(window.bytes) * 8 * 1_000_000 / passed.as_micros().max(1);
        *window = Window { since: now, bytes: bytes as u64, length: WINDOW };
        Some(u64::try_from(bits).unwrap_or(u64::MAX))
    }

    /// The layer is gone.
    pub(super) fn forget(&mut self, session: SessionId, layer: Layer) {
        self.0.remove(&(session, layer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_is_measured_within_a_quarter_of_a_second_and_then_each_second() {
        let (mut meter, begin) = (Meter::default(), Instant::now());
        let session = SessionId::from_parts(1, [0; 10]);
        let rates: Vec<(u64, u64)> = (0..200_u64)
            .filter_map(|frame| {
                let at = Duration::from_millis(frame * 10);
                Some((frame * 10, meter.count(session, Layer::High, 1_250, begin + at)?))
            })
            .collect();
        assert_eq!(rates, [(250, 1_000_000), (1_250, 1_000_000)]);
        meter.forget(session, Layer::High);
        assert_eq!(meter.count(session, Layer::High, 1, begin + Duration::from_secs(9)), None);
    }
}
