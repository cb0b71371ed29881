//! When a viewer of a server that ends soon is told to ask again: each at a moment of its own, so that those who take them
//! are not asked by all at once. Pure: time and randomness are given.

use std::time::{Duration, Instant};

/// The turn of one viewer.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    at: Option<Instant>,
}

impl Leaving {
    /// Whether its turn has come; the moment is drawn by `below` when the end is heard of, from the first half of what is
    /// left, so that there is time for a second try.
    pub(super) fn is_due(
        &mut self,
        ends_at: Instant,
        now: Instant,
        below: impl FnOnce(Duration) -> Duration,
    ) -> bool {
        now >= *self.at.get_or_insert_with(|| now + below(ends_at.saturating_duration_since(now) / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_drawn_once_from_the_first_half_of_what_is_left() {
        let (begin, grace) = (Instant::now(), Duration::from_secs(20));
        let mut leaving = Leaving::default();
        let drawn = |most: Duration| {
            assert_eq!(most, grace / 2);
            most / 2
        };
        assert!(!leaving.is_due(begin + grace, begin, drawn));
        let again = |_| panic!("it is drawn once");
        assert!(!leaving.is_due(begin + grace, begin + grace / 4 - Duration::from_millis(1), again));
        assert!(leaving.is_due(begin + grace, begin + grace / 4, again));
    }
}
