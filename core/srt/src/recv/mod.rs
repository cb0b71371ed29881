//! The receiving half of a connection: express delivery.
//!
//! A packet that is next in order is handed up as it arrives. Only what stands behind a gap waits, up to the
//! hold; then the stream goes on and the loss is reported. Order is never broken and nothing comes twice.

mod acks;
mod missing;
mod rate;
mod tolerance;
mod window;

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::ConnectionStats;
use crate::crypto::Decryptor;
use crate::link::Link;
use crate::packet::loss::{self, LossList, MAX_RANGES};
use crate::packet::{Control, DataPacket};
use crate::rtt::Rtt;
use crate::seq::Seq;

use acks::Acks;
use rate::Rate;
use tolerance::Tolerance;
pub(crate) use window::WINDOW;
use window::{Content, Place, Popped, Window};

/// Nobody watches what comes later than that; a caller may ask for as much, SRT's latency has 16 bits.
const LONGEST_HOLD: Duration = Duration::from_secs(66);

/// What is handed up, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// A message.
    Message(Bytes),
    /// So many packets were here, and will not come.
    Lost(u64),
}

/// What a call brought forth.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Datagrams for the peer.
    pub(crate) wire: Vec<Vec<u8>>,
    /// For the application.
    pub(crate) delivered: Vec<Delivery>,
}

/// The receiving half.
pub(crate) struct Receiver {
    link: Link,
    hold: Duration,
    decryptor: Decryptor,
    window: Window,
    acks: Acks,
    rtt: Rtt,
    tolerance: Tolerance,
    rate: Rate,
    stats: ConnectionStats,
}

impl Receiver {
    pub(crate) fn new(link: Link, first: Seq, hold: Duration, decryptor: Decryptor, now: Instant) -> Self {
        Self {
            link,
            hold: hold.min(LONGEST_HOLD),
            decryptor,
            window: Window::new(first),
            acks: Acks::new(first, now),
            rtt: Rtt::default(),
            tolerance: Tolerance::new(now),
            rate: Rate::new(now),
            stats: ConnectionStats::default(),
        }
    }

    /// How long a gap may hold back what came after it, from now on.
    pub(crate) fn set_hold(&mut self, hold: Duration) {
        self.hold = hold.min(LONGEST_HOLD);
    }

    pub(crate) fn handle_data(&mut self, packet: &DataPacket<'_>, now: Instant, out: &mut Outcome) {
        self.stats.received_packets += 1;
        self.stats.received_bytes += packet.payload.len() as u64;
        self.stats.repeated_packets += u64::from(packet.repeated);
        self.rate.note(packet, now);
        match self.window.place(packet.seq) {
            Place::Free => {}
            Place::Taken => self.stats.duplicate_packets += 1,
            Place::Passed if packet.repeated => self.stats.duplicate_packets += 1,
            Place::Passed => self.stats.late_packets += 1,
            Place::Beyond => {
                if !self.window.jump(packet.seq) {
                    return;
                }
                self.hand_up(now, out);
            }
        }
        self.acks.arm(&self.rtt, now);
        if self.window.place(packet.seq) == Place::Free {
            let content = self.open(packet, now);
            let ask_at = now + self.tolerance.get(now);
            let filled = self.window.fill(packet.seq, content, now, ask_at);
            self.stats.lost_packets += u64::from(filled.found_missing);
            if let (Some(late), false) = (filled.late, packet.repeated) {
                self.tolerance.came_late(late, now);
            }
            self.hand_up(now, out);
        }
        self.ask(now, out);
    }

    /// The sender says that this packet was its last one so far.
    pub(crate) fn handle_probe(&mut self, last: Seq, now: Instant, out: &mut Outcome) {
        let ask_at = now + self.tolerance.get(now);
        self.stats.lost_packets += u64::from(self.window.expect(last, now, ask_at));
        self.ask(now, out);
    }

    /// The sender has given these up.
    pub(crate) fn handle_drop(&mut self, first: Seq, last: Seq, now: Instant, out: &mut Outcome) {
        self.window.drop_range(first, last);
        self.hand_up(now, out);
    }

    pub(crate) fn handle_ack_ack(&mut self, number: u32, now: Instant) {
        if let Some(rtt) = self.acks.confirmed(number, now) {
            self.rtt.sample(rtt);
        }
    }

    /// New keys: taken ones are answered with the same bytes, others not at all.
    pub(crate) fn handle_keys(&mut self, message: &[u8], now: Instant, out: &mut Outcome) {
        if self.decryptor.renew(message).is_ok() {
            out.wire.push(self.link.write(Control::KeyResponse(message), now));
        }
    }

    /// Nothing more will come: hands up what still waits behind gaps.
    pub(crate) fn finish(&mut self, now: Instant, out: &mut Outcome) {
        self.window.give_up(now, Duration::ZERO);
        self.hand_up(now, out);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, out: &mut Outcome) {
        self.window.give_up(now, self.hold);
        self.hand_up(now, out);
        self.ask(now, out);
        let room = self.window.room();
        if let Some(ack) = self.acks.poll(self.window.next(), room, &self.rtt, &self.rate, now) {
            out.wire.push(self.link.write(ack, now));
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let gap = self.window.gap_since().map(|since| since + self.hold);
        [self.acks.due(), self.window.next_ask(), gap].into_iter().flatten().min()
    }

    pub(crate) fn stats(&self) -> ConnectionStats {
        let (rtt, rtt_variation) = self.rtt.known();
        ConnectionStats {
            rtt,
            rtt_variation,
            key_changes: self.decryptor.changes(),
            held_packets: self.window.held() as u64,
            hold: self.hold,
            reorder_tolerance: self.tolerance.latest(),
            bits_per_second: self.rate.bytes_per_second().saturating_mul(8),
            capacity_bits_per_second: self.rate.capacity_bits_per_second(),
            ..self.stats
        }
    }

    fn open(&mut self, packet: &DataPacket<'_>, now: Instant) -> Content {
        let mut bytes = packet.payload.to_vec();
        if packet.solo && self.decryptor.decrypt(packet.key, packet.seq, &mut bytes) {
            Content::Message { bytes: bytes.into(), arrived: now }
        } else {
            self.stats.undecryptable_packets += 1;
            Content::Spoiled
        }
    }

    fn hand_up(&mut self, now: Instant, out: &mut Outcome) {
        while let Some(popped) = self.window.pop() {
            match popped {
                Popped::Message { bytes, arrived } => {
                    let held = now.saturating_duration_since(arrived);
                    self.stats.longest_hold = self.stats.longest_hold.max(held);
                    self.stats.delivered_packets += 1;
                    out.delivered.push(Delivery::Message(bytes));
                }
                Popped::Lost(count) => {
                    self.stats.dropped_packets += count;
                    match out.delivered.last_mut() {
                        Some(Delivery::Lost(before)) => *before += count,
                        _ => out.delivered.push(Delivery::Lost(count)),
                    }
                }
            }
        }
    }

    /// Asks for what is missing and due: twice in each round trip, the second time closely behind the first, in case
    /// that one is lost; after eight requests less and less often; and once more when an answer can just still come
    /// before the hold ends.
    fn ask(&mut self, now: Instant, out: &mut Outcome) {
        if self.window.next_ask().is_none_or(|at| at > now) {
            return;
        }
        let soon = (self.rtt.smoothed() / 8).clamp(Duration::from_millis(3), Duration::from_millis(20));
        let patient = (self.rtt.patience() + Duration::from_millis(3)).max(Duration::from_millis(10));
        let last_chance = self.hold.checked_sub(patient);
        let ranges = self.window.due_asks(now, |asks, found| {
            let again = match asks {
                1 | 3 | 5 | 7 => soon,
                0..8 => patient.saturating_sub(soon).max(soon),
                _ => patient * u32::from(asks / 8 + 1).min(8),
            };
            let last = last_chance.map(|after| found + after).filter(|at| *at > now);
            last.map_or(now + again, |last| last.min(now + again))
        });
        for ranges in ranges.chunks(MAX_RANGES) {
            self.stats.requests_sent += 1;
            out.wire.push(self.link.write(Control::Nak(LossList(&loss::write(ranges))), now));
        }
    }
}
