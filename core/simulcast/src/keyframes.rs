//! When to ask a publisher for a keyframe: as often as somebody needs one, never more than twice a second.

use std::time::{Duration, Instant};

/// A request is on its way to the encoder and back within this time, or it was lost.
const INTERVAL: Duration = Duration::from_millis(500);
/// Requests without an answer before giving up until somebody asks anew: the encoder does not listen.
const ATTEMPTS: u32 = 8;

/// The requests for one layer of one publisher.
#[derive(Debug, Clone, Default)]
pub struct KeyframePolicy {
    wanted: Option<Wanted>,
    asked: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Wanted {
    since: Instant,
    attempts_left: u32,
}

impl KeyframePolicy {
    /// Somebody needs a keyframe.
    pub fn want(&mut self, now: Instant) {
        let since = self.wanted.map_or(now, |wanted| wanted.since);
        self.wanted = Some(Wanted { since, attempts_left: ATTEMPTS });
    }

    /// A keyframe arrived: whoever waited has one.
    pub fn arrived(&mut self) {
        self.wanted = None;
    }

    /// Whether to ask the publisher now.
    pub fn poll_request(&mut self, now: Instant) -> bool {
        if self.poll_timeout().is_none_or(|at| at > now) {
            return false;
        }
        self.asked = Some(now);
        self.wanted = self
            .wanted
            .filter(|wanted| wanted.attempts_left > 1)
            .map(|wanted| Wanted { attempts_left: wanted.attempts_left - 1, ..wanted });
        true
    }

    /// When to call [`Self::poll_request`] again; `None` while nobody waits.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let wanted = self.wanted?;
        Some(self.asked.map_or(wanted.since, |asked| wanted.since.max(asked + INTERVAL)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(begin: Instant, ms: u64) -> Instant {
        begin + Duration::from_millis(ms)
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn a_thousand_joiners_in_a_second_cost_two_requests() {
        let begin = Instant::now();
        let mut policy = KeyframePolicy::default();
        let mut asked = Vec::new();
        for ms in 0..1_000 {
            policy.want(at(begin, ms));
            if policy.poll_request(at(begin, ms)) {
                asked.push(ms);
            }
            if ms == 40 || ms == 540 {
                policy.arrived();
            }
        }
        assert_eq!(asked, [0, 500]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn an_unanswered_request_is_repeated_and_at_last_given_up() {
        let begin = Instant::now();
        let mut policy = KeyframePolicy::default();
        policy.want(begin);
        let mut asked = 0;
        while let Some(at) = policy.poll_timeout() {
            assert!(policy.poll_request(at));
            asked += 1;
        }
        assert_eq!(asked, ATTEMPTS);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn a_late_request_is_not_sent_once_the_keyframe_is_here() {
        let begin = Instant::now();
        let mut policy = KeyframePolicy::default();
        policy.want(begin);
        assert!(policy.poll_request(begin));
        policy.want(at(begin, 100));
        assert_eq!(policy.poll_timeout(), Some(at(begin, 500)));
        policy.arrived();
        assert!(!policy.poll_request(at(begin, 600)));
    }
}
