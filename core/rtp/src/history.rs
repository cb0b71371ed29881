//! Everything that was sent on one transport, and what the other end's feedback says of it.
//!
//! Invariant: bounded in number; what is spoken of twice is counted once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::rtcp::TransportFeedback;

/// As many as a keyframe and some seconds of the high layer take.
const MOST: usize = 2_048;
/// Losses are a share of what was spoken of in this time.
const WINDOW: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unknown,
    Missing,
    Arrived,
}

#[derive(Debug, Clone, Copy)]
struct Packet {
    at: Instant,
    bytes: u16,
    fate: Fate,
}

/// A packet that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When it was sent.
    pub sent: Instant,
    /// When it arrived, on the receiver's clock, in µs since some moment of its own.
    pub arrived: i64,
    /// With its headers.
    pub bytes: usize,
}

/// What a feedback told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// From sending the newest packet that arrived until this was heard: the round trip, and what the receiver
    /// waited to say it.
    pub round_trip: Option<Duration>,
    /// Packets that nobody had said to be missing before.
    pub missing: u32,
}

/// What was sent.
#[derive(Debug, Default)]
pub struct History {
    packets: VecDeque<Packet>,
    /// The number that the next packet gets.
    next: u64,
    /// The last reference time, and the same on a line that does not wrap.
    clock: Option<(u32, i64)>,
    /// When, how many arrived, how many did not.
    told: VecDeque<(Instant, u32, u32)>,
}

impl History {
    /// The number of a packet that is sent now.
    pub fn send(&mut self, bytes: usize, now: Instant) -> u16 {
        if self.packets.len() >= MOST {
            self.packets.pop_front();
        }
        let bytes = u16::try_from(bytes).unwrap_or(u16::MAX);
        self.packets.push_back(Packet { at: now, bytes, fate: Fate::Unknown });
        let number = self.next;
        self.next = number.wrapping_add(1);
        number as u16
    }

    /// Takes feedback; each packet that is now known to have arrived goes to `arrived`.
    pub fn handle(
        &mut self,
        feedback: &TransportFeedback<'_>,
        now: Instant,
        mut arrived: impl FnMut(Arrival),
    ) -> Heard {
        let base = match self.clock {
            Some((reference, at)) => at.saturating_add(feedback.reference_since(reference)),
            None => 0,
        };
        self.clock = Some((feedback.reference, base));
        let mut heard = Heard::default();
        let (mut came, mut newest) = (0_u32, None::<Instant>);
        for status in feedback.packets() {
            let Some(index) = self.index(status.seq) else { continue };
            let Some(packet) = self.packets.get_mut(index) else { continue };
            match (status.arrived, packet.fate) {
                (Some(after), Fate::Unknown | Fate::Missing) => {
                    packet.fate = Fate::Arrived;
                    came = came.saturating_add(1);
                    newest = newest.max(Some(packet.at));
                    let (sent, bytes) = (packet.at, usize::from(packet.bytes));
                    arrived(Arrival { sent, arrived: base.saturating_add(after), bytes });
                }
                (None, Fate::Unknown) => {
                    packet.fate = Fate::Missing;
                    heard.missing = heard.missing.saturating_add(1);
                }
                (Some(_), Fate::Arrived) | (None, Fate::Missing | Fate::Arrived) => {}
            }
        }
        self.told.push_back((now, came, heard.missing));
        heard.round_trip = newest.map(|at| now.saturating_duration_since(at));
        heard
    }

    /// The share of packets that are missing of those spoken of in the last second.
    pub fn loss(&mut self, now: Instant) -> Option<f32> {
        while self.told.front().is_some_and(|(at, _, _)| now.saturating_duration_since(*at) > WINDOW) {
            self.told.pop_front();
        }
        let sum = |(came, missing): (u32, u32), (_, more, fewer): &(Instant, u32, u32)| {
            (came.saturating_add(*more), missing.saturating_add(*fewer))
        };
        let (came, missing) = self.told.iter().fold((0, 0), sum);
        let all = came.saturating_add(missing);
        (all > 0).then(|| missing as f32 / all as f32)
    }

    /// Where the packet of this number stands, if it was sent and is remembered.
    fn index(&self, seq: u16) -> Option<usize> {
        // From the newest one back: 0 is the one that was sent last.
        let back = (self.next as u16).wrapping_sub(1).wrapping_sub(seq);
        self.packets.len().checked_sub(1)?.checked_sub(usize::from(back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::{Message, read};

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn begin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
        Instant::now()
    }

    /// Feedback about packets from `first`: small steps in units of 250 µs, or missing.
    fn feedback(first: u16, reference: u8, fates: &[Option<u8>]) -> Vec<u8> {
        let [f0, f1] = first.to_be_bytes();
        let mut packet = vec![0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
        packet.extend([f0, f1, 0, fates.len() as u8, 0, 0, reference, 0]);
        for fate in fates {
            packet.extend(if fate.is_some() { [0x20, 1] } else { [0, 1] });
        }
        packet.extend(fates.iter().flatten());
        packet.resize(packet.len().next_multiple_of(4), 0);
        packet[3] = (packet.len() / 4 - 1) as u8;
        packet
    }

    fn handle(history: &mut History, packet: &[u8], now: Instant) -> (Heard, Vec<Arrival>) {
        let (mut heard, mut arrivals) = (Heard::default(), Vec::new());
        read(packet, |message| match message {
            Message::Transport(said) => heard = history.handle(&said, now, |arrival| arrivals.push(arrival)),
            other => panic!("{other:?}"),
        });
        (heard, arrivals)
    }

    #[test]
    fn what_arrived_is_told_once_with_when_it_was_sent() {
        let begin = begin();
        let mut history = History::default();
        for n in 0..4 {
            assert_eq!(history.send(1_000 + n, begin + ms(n as u64)), n as u16);
        }
        let (heard, arrivals) =
            handle(&mut history, &feedback(0, 1, &[Some(0), None, Some(8)]), begin + ms(50));
        assert_eq!(heard, Heard { round_trip: Some(ms(48)), missing: 1 });
        let arrival = |n: u64, arrived| Arrival { sent: begin + ms(n), arrived, bytes: 1_000 + n as usize };
        assert_eq!(arrivals, [arrival(0, 0), arrival(2, 2_000)]);
        assert_eq!(history.loss(begin + ms(50)), Some(1.0 / 3.0));
        // Late, and spoken of again: 64 ms later on the receiver's clock.
        let (heard, arrivals) =
            handle(&mut history, &feedback(1, 2, &[Some(0), Some(0), Some(1)]), begin + ms(100));
        assert_eq!(heard, Heard { round_trip: Some(ms(97)), missing: 0 });
        assert_eq!(arrivals, [arrival(1, 64_000), arrival(3, 64_250)]);
        assert_eq!(history.loss(begin + ms(1_051)), Some(0.0), "a second later");
        assert_eq!(history.loss(begin + ms(1_200)), None);
    }

    #[test]
    fn numbers_wrap_and_what_was_never_sent_is_passed_over() {
        let begin = begin();
        let mut history = History::default();
        for _ in 0..65_540 {
            history.send(100, begin);
        }
        let (_, arrivals) = handle(&mut history, &feedback(65_534, 1, &[Some(0); 8]), begin + ms(10));
        assert_eq!(arrivals.len(), 6, "the last six; two were never sent");
        let (_, arrivals) = handle(&mut history, &feedback(30_000, 1, &[Some(0); 8]), begin + ms(10));
        assert_eq!(arrivals, [], "forgotten");
        let (heard, arrivals) = handle(&mut History::default(), &feedback(0, 1, &[Some(0)]), begin);
        assert_eq!((heard, arrivals.len()), (Heard::default(), 0));
    }
}
