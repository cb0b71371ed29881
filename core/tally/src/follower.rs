//! The rule of the page, as a reference: what one operator's screen shows.
//!
//! The page itself is TypeScript; this is what it is compared with. Invariant: what is shown is never older than
//! [`TALLY_FRESH_MS`].

use std::time::{Duration, Instant};

use returnfeed_protocol::{CameraNumber, TALLY_FRESH_MS, Tally, TallyState};

const FRESH: Duration = Duration::from_millis(TALLY_FRESH_MS);

/// One operator's screen.
#[derive(Debug)]
pub struct Follower {
    camera: CameraNumber,
    word: Option<(TallyState, Instant)>,
}

impl Follower {
    /// A screen that has heard nothing.
    pub fn new(camera: CameraNumber) -> Self {
        Self { camera, word: None }
    }

    /// A word arrived by any way; whether it was newer than the one before.
    pub fn handle_word(&mut self, state: TallyState, age: Duration, now: Instant) -> bool {
        let newer = self.word.as_ref().is_none_or(|(held, _)| state.supersedes(held));
        if newer {
            // An age beyond what an `Instant` can express is past any freshness too.
            let until = (now + FRESH).checked_sub(age).unwrap_or(now).max(now);
            self.word = Some((state, until));
        }
        newer
    }

    /// What the screen shows.
    pub fn shows(&self, now: Instant) -> Tally {
        match &self.word {
            Some((state, until)) if now < *until => state
                .cameras
                .iter()
                .find(|lamp| lamp.camera == self.camera)
                .map_or(Tally::Unknown, |lamp| lamp.tally),
            Some(_) | None => Tally::Unknown,
        }
    }

    /// When what is shown turns *unknown* unless a new word comes.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.word.as_ref().map(|(_, until)| *until)
    }
}
