//! What one stream has sent, as its sender reports say it (RFC 3550 6.4.1).

use std::time::{Duration, Instant};

use crate::Ntp;
use crate::rtcp::SenderReport;

/// One stream's count.
#[derive(Debug, Clone)]
pub struct Outgoing {
    ssrc: u32,
    clock: u32,
    packets: u32,
    octets: u32,
    last: Option<(u32, Instant)>,
}

impl Outgoing {
    /// A stream that has sent nothing; `clock` ticks of its timestamp are a second.
    pub fn new(ssrc: u32, clock: u32) -> Self {
        Self { ssrc, clock, packets: 0, octets: 0, last: None }
    }

    /// Which stream.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The timestamp of its newest packet.
    pub fn last_timestamp(&self) -> Option<u32> {
        self.last.map(|(timestamp, _)| timestamp)
    }

    /// Takes note of a packet: so many bytes of payload, and the moment `at` that its timestamp stands for.
    pub fn note(&mut self, payload: usize, timestamp: u32, at: Instant) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload as u32);
        self.last = Some((timestamp, at));
    }

    /// The report of this moment, which is `wall` on the clock that everybody shares; `None` before the first packet.
    pub fn report(&self, now: Instant, wall: Ntp) -> Option<SenderReport> {
        let (timestamp, at) = self.last?;
        let ticks = |span: Duration| {
            let nanos = span.as_nanos().saturating_mul(u128::from(self.clock));
            nanos.checked_div(1_000_000_000).unwrap_or(0) as u32
        };
        // What is shown later than it is sent lies ahead of now.
        let timestamp = match now.checked_duration_since(at) {
            Some(since) => timestamp.wrapping_add(ticks(since)),
            None => timestamp.wrapping_sub(ticks(at.saturating_duration_since(now))),
        };
        let Self { ssrc, packets, octets, .. } = *self;
        Some(SenderReport { ssrc, wall, timestamp, packets, octets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timestamp_of_a_report_is_of_its_own_moment() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
        let begin = Instant::now();
        let mut stream = Outgoing::new(7, 90_000);
        assert_eq!(stream.report(begin, Ntp(1)), None);
        stream.note(1_000, u32::MAX, begin + Duration::from_millis(10));
        stream.note(500, u32::MAX, begin + Duration::from_millis(10));
        let report = stream.report(begin + Duration::from_millis(30), Ntp(2)).unwrap();
        let expected = SenderReport { ssrc: 7, wall: Ntp(2), timestamp: 1_799, packets: 2, octets: 1_500 };
        assert_eq!(report, expected);
        let before = stream.report(begin, Ntp(2)).unwrap();
        assert_eq!(before.timestamp, u32::MAX - 900);
    }
}
