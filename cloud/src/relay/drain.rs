//! The end of this server, as its pages are told it beforehand.
//!
//! It refuses to end anything: who was told is served as before, until they leave or the server ends.

use std::time::Instant;

use returnfeed_protocol::CloudToPage;

use super::{Relay, locked};

/// What is known of the end once it is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// At the latest.
    pub ends_at: Instant,
    /// Whether another server takes whoever comes.
    pub elsewhere: bool,
}

impl Drain {
    /// The word of this moment.
    pub(super) fn spoken(self, now: Instant) -> CloudToPage {
        let left = self.ends_at.saturating_duration_since(now).as_millis();
        CloudToPage::Draining {
            within_ms: u64::try_from(left).unwrap_or(u64::MAX),
            elsewhere: self.elsewhere,
        }
    }
}

impl Relay {
    /// Tells every page, and from now on each that comes, that the server ends soon.
    pub fn drain(&self, drain: Drain) {
        // Under the lock under which rooms are made: none is made in between and not told.
        let rooms = locked(&self.rooms);
        *locked(&self.drain) = Some(drain);
        for room in rooms.values() {
            room.drain(drain);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_word_counts_down_to_the_end_and_not_beyond() {
        let now = Instant::now();
        let drain = Drain { ends_at: now + Duration::from_secs(20), elsewhere: true };
        for (after, left) in [(0, 20_000), (19_500, 500), (30_000, 0)] {
            let said = drain.spoken(now + Duration::from_millis(after));
            assert_eq!(said, CloudToPage::Draining { within_ms: left, elsewhere: true });
        }
    }
}
