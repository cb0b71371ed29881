//! The director's word on its way to the pages.
//!
//! It refuses to be rendered for each page anew: what differs between pages is its age, and that is the same for all
//! who are told within one millisecond. Invariant: `age_ms` is the age at the moment of [`Word::spoken`], and `run_us` is
//! that moment.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use returnfeed_protocol::TallyState;

use super::locked;
use super::outbox::Spoken;
use crate::clock::run_us;

/// One word.
pub(super) struct Word {
    state: String,
    heard: Instant,
    newest: Mutex<Option<(u64, Utf8Bytes)>>,
}

impl Word {
    pub(super) fn new(state: &TallyState, heard: Instant) -> Self {
        let state = serde_json::to_string(state).unwrap_or_default();
        Self { state, heard, newest: Mutex::new(None) }
    }

    /// `CloudToPage::Tally` of this moment.
    pub(super) fn spoken(&self, now: Instant) -> Spoken {
        let age = now.saturating_duration_since(self.heard).as_millis();
        let age = u64::try_from(age).unwrap_or(u64::MAX);
        let mut newest = locked(&self.newest);
        let text = match &*newest {
            Some((of, text)) if *of == age => text.clone(),
            Some(_) | None => {
                let state = &self.state;
                // Not of `now`, which may be later in the same millisecond.
                let run_us = run_us(self.heard + Duration::from_millis(age));
                let text = format!(r#"{{"type":"tally","age_ms":{age},"run_us":{run_us},"state":{state}}}"#);
                let text = Utf8Bytes::from(text);
                newest.insert((age, text)).1.clone()
            }
        };
        Spoken { text, is_last: false }
    }
}

#[cfg(test)]
mod tests {
    use returnfeed_protocol::{CloudToPage, Epoch, TallySequence};

    use super::*;

    #[test]
    fn a_word_is_the_protocols_message_with_its_age_at_each_moment() {
        let state = TallyState { epoch: Epoch(7), seq: TallySequence(42), cameras: Vec::new() };
        let began = Instant::now();
        run_us(began); // counts from here
        let heard = began + Duration::from_secs(9);
        let word = Word::new(&state, heard);
        for age in [0, 3, 3, 2_000] {
            let spoken = word.spoken(heard + Duration::from_millis(age));
            let message: CloudToPage = serde_json::from_str(&spoken.text).unwrap();
            let run_us = Some(run_us(heard) + 1_000 * age);
            assert_eq!(message, CloudToPage::Tally { age_ms: age, run_us, state: state.clone() });
            assert!(!spoken.is_last);
        }
    }
}
