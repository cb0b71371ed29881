//! Lamps that the director tests by hand.
//!
//! Refuses to last: a test that was forgotten would be a lie on air. Invariant: each test ends by itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{CameraNumber, Tally};

/// How long a test lasts: enough to look up, walk to the camera's screen and nod.
const LASTS: Duration = Duration::from_secs(10);

/// Which lamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lamps {
    /// One camera's.
    Of(CameraNumber),
    /// Every camera's.
    All,
}

/// The tests that run.
#[derive(Debug, Default)]
pub(crate) struct Trials(BTreeMap<CameraNumber, (Tally, Instant)>);

impl Trials {
    pub(crate) fn begin(&mut self, cameras: impl Iterator<Item = CameraNumber>, tally: Tally, now: Instant) {
        self.0.extend(cameras.map(|camera| (camera, (tally, now + LASTS))));
    }

    pub(crate) fn end(&mut self, lamps: Lamps) {
        match lamps {
            Lamps::Of(camera) => {
                self.0.remove(&camera);
            }
            Lamps::All => self.0.clear(),
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.0.retain(|_, (_, until)| now < *until);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.0.values().map(|(_, until)| *until).min()
    }

    pub(crate) fn shows(&self, camera: CameraNumber) -> Option<Tally> {
        self.0.get(&camera).map(|(tally, _)| *tally)
    }
}
