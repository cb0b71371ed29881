//! What one browser said of its network since the quality rule was last told.

use std::time::Duration;

use returnfeed_protocol::Bitrate;
use returnfeed_rtp::{Ntp, rtcp};

/// Ticks of the video's clock in a millisecond.
const TICKS: u32 = 90;

#[derive(Default)]
pub(super) struct Heard {
    pub(super) jitter: Option<Duration>,
    /// What the browser itself estimates, if it does (REMB).
    pub(super) estimated: Option<Bitrate>,
    /// Whether there is transport-wide feedback.
    pub(super) is_transport_wide: bool,
    loss: Option<f32>,
    round_trip: Option<Duration>,
    last_round_trip: Duration,
}

impl Heard {
    /// A report on the video. `wall` is now.
    pub(super) fn block(&mut self, block: &rtcp::Block, wall: Ntp) {
        self.loss = Some(f32::from(block.lost) / 256.0);
        self.jitter = Some(Duration::from_micros(u64::from(block.jitter) * 1_000 / u64::from(TICKS)));
        if block.last_report != 0 && !self.is_transport_wide {
            // In 1/65 536 s, modulo 2^32 (RFC 3550 6.4.1); a browser may say that it waited longer than it did.
            let ticks = wall.middle().wrapping_sub(block.last_report).wrapping_sub(block.since);
            let ticks = if ticks > u32::MAX / 2 { 0 } else { ticks };
            self.round_trip(Duration::from_nanos(u64::from(ticks) * 1_000_000_000 / 65_536));
        }
    }

    /// Transport-wide feedback, with the round trip that it shows.
    pub(super) fn transport(&mut self, round_trip: Option<Duration>) {
        self.is_transport_wide = true;
        round_trip.into_iter().for_each(|round_trip| self.round_trip(round_trip));
    }

    fn round_trip(&mut self, round_trip: Duration) {
        self.round_trip = Some(round_trip);
        self.last_round_trip = round_trip;
    }

    pub(super) fn estimate(&mut self, estimate: Bitrate) {
        self.estimated = Some(estimate);
    }

    pub(super) fn take_loss(&mut self) -> Option<f32> {
        self.loss.take()
    }

    pub(super) fn take_round_trip(&mut self) -> Option<Duration> {
        self.round_trip.take()
    }

    /// The newest one there was; zero before the first.
    pub(super) fn last_round_trip(&self) -> Duration {
        self.last_round_trip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_is_now_less_the_report_less_the_wait_for_it() {
        let block = |last_report, since| rtcp::Block { ssrc: 1, lost: 64, jitter: 900, last_report, since };
        let wall = |middle: u32| Ntp(u64::from(middle) << 16);
        let mut heard = Heard::default();
        heard.block(&block(0, 0), wall(7));
        assert_eq!(heard.take_round_trip(), None, "no report was sent yet");
        assert_eq!((heard.take_loss(), heard.jitter), (Some(0.25), Some(Duration::from_millis(10))));
        heard.block(&block(u32::MAX, 65_536), wall(65_536 + 6_553));
        assert_eq!(heard.take_round_trip().unwrap().as_millis(), 100, "across the wrap");
        heard.block(&block(1_000, 70_000), wall(66_000));
        assert_eq!(heard.take_round_trip(), Some(Duration::ZERO), "it cannot have waited longer");
        heard.transport(None);
        heard.block(&block(u32::MAX, 65_536), wall(65_536 + 6_553));
        assert_eq!(heard.take_round_trip(), None, "transport-wide feedback is asked alone");
    }
}
