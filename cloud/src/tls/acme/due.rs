//! When it is time: pure, the clock is given.

use std::time::Duration;

use crate::tls::leaf::Leaf;

/// Authorities count failures by the hour.
const AGAIN_AT_MOST: Duration = Duration::from_secs(3_600);

/// How long a certificate is good enough: until a third of its life is left. Not at all, where it is our own or lacks
/// a name.
pub(super) fn wait(leaf: &Leaf, names: &[String], now: u64) -> Duration {
    if leaf.self_signed || !names.iter().all(|name| leaf.is_for(name)) {
        return Duration::ZERO;
    }
    let third = leaf.until.saturating_sub(leaf.from) / 3;
    let due = leaf.until.saturating_sub(third);
    Duration::from_secs(due.saturating_sub(now))
}

/// The waits after failures that follow one another.
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new(first: Duration) -> Self {
        Self { next: first }
    }

    pub(super) fn next(&mut self) -> Duration {
        let now = self.next;
        self.next = now.saturating_mul(2).min(AGAIN_AT_MOST);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_certificate_is_renewed_when_a_third_of_its_life_is_left_or_a_name_is_missing() {
        let (now, day) = (1_800_000_000, DAY.as_secs());
        let until = now + 90 * day;
        let names = vec!["feed.example".to_owned()];
        let leaf = Leaf { names: names.clone(), from: now, until, self_signed: false };
        assert_eq!(wait(&leaf, &names, now), 60 * DAY);
        assert_eq!(wait(&leaf, &["Feed.Example".to_owned()], now + 59 * day), DAY);
        assert!(wait(&leaf, &names, now + 60 * day).is_zero());
        assert!(wait(&leaf, &names, now + 900 * day).is_zero());
        assert!(wait(&leaf, &["other.example".to_owned()], now).is_zero());
        assert!(wait(&Leaf { self_signed: true, ..leaf }, &names, now).is_zero());
    }

    #[test]
    fn an_authority_that_says_no_is_asked_ever_more_slowly_and_each_hour_at_least() {
        let mut backoff = Backoff::new(Duration::from_secs(60));
        let waits: Vec<_> = std::iter::repeat_with(|| backoff.next().as_secs()).take(8).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
    }
}
