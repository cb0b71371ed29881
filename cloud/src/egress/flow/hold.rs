//! How long a picture is held, as the playout-delay extension says it.

use std::time::Duration;

use returnfeed_rtp::PlayoutDelay;

/// The longest that a browser may choose by itself, in hundredths of a second.
const MOST: u16 = 40;

/// With 0 and 0 the browser plays at once; else it may hold longer than asked where its own measure says so.
#[derive(Default)]
pub(super) struct Hold {
    pub(super) delay: Duration,
    pub(super) said: PlayoutDelay,
}

impl Hold {
    pub(super) fn new(delay: Duration) -> Self {
        let min = u16::try_from(delay.as_millis() / 10).unwrap_or(MOST).min(MOST);
        let max = if min == 0 { 0 } else { MOST };
        Self { delay, said: PlayoutDelay { min, max } }
    }
}
