//! The sending half of a connection: encrypts, paces, repeats, proves the tail, and lets go of what is too old.

mod buffer;
mod pace;
mod probe;
mod repeats;
mod seal;

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::crypto::Encryptor;
use crate::link::Link;
use crate::packet::Control;
use crate::packet::control::AckReport;
use crate::packet::data::as_repeated;
use crate::packet::loss::LossList;
use crate::random::Random;
use crate::rtt::Rtt;
use crate::seq::Seq;
use crate::{CallerStats, MAX_MESSAGE, SendRefusal};

use buffer::{Buffer, Kept};
use pace::Pace;
use probe::{Due, Probe};
use repeats::Repeats;
use seal::Seal;

/// How long a packet is kept beyond the latency: a receiver may ask for it this late.
const KEPT: Duration = Duration::from_millis(1500);

/// What both ends agreed on.
pub(crate) struct Agreed {
    /// The first packet's number.
    pub(crate) first: Seq,
    /// Packets the receiver has room for.
    pub(crate) window: u32,
    /// How long the receiver may wait.
    pub(crate) latency: Duration,
    /// Whether it is an end of this crate.
    pub(crate) reads_probes: bool,
    /// The handshake's round trip.
    pub(crate) rtt: Duration,
}

/// The sending half.
pub(crate) struct Sender {
    link: Link,
    seal: Seal,
    window: u32,
    kept_for: Duration,
    buffer: Buffer,
    repeats: Repeats,
    pace: Pace,
    probe: Probe,
    rtt: Rtt,
    stats: CallerStats,
}

impl Sender {
    pub(crate) fn new(
        link: Link,
        agreed: &Agreed,
        encryptor: Encryptor,
        random: Random,
        now: Instant,
    ) -> Self {
        let mut rtt = Rtt::default();
        rtt.sample(agreed.rtt);
        Self {
            link,
            seal: Seal::new(link, agreed.first, encryptor, random),
            window: agreed.window,
            kept_for: agreed.latency + KEPT,
            buffer: Buffer::new(agreed.first),
            repeats: Repeats::default(),
            pace: Pace::new(now),
            probe: Probe::new(agreed.reads_probes),
            rtt,
            stats: CallerStats::default(),
        }
    }

    /// Changes keys after so many packets.
    pub(crate) fn change_keys_every(&mut self, packets: u32) {
        self.seal.change_keys_every(packets);
    }

    pub(crate) fn send(
        &mut self,
        message: &[u8],
        now: Instant,
        wire: &mut Vec<Bytes>,
    ) -> Result<(), SendRefusal> {
        if message.is_empty() || message.len() > MAX_MESSAGE {
            return Err(SendRefusal::Length { got: message.len() });
        }
        if self.buffer.is_full() {
            return Err(SendRefusal::Full);
        }
        if self.waiting() == 0 {
            self.pace.begin(now);
        }
        let (datagram, key) = self.seal.message(message, self.buffer.keys(), now);
        self.buffer.push(Kept { datagram, key, queued_at: now, repeated_at: None, awaited: false });
        self.transmit(now, wire);
        Ok(())
    }

    pub(crate) fn handle_ack(
        &mut self,
        number: u32,
        next: Seq,
        report: Option<AckReport>,
        now: Instant,
        wire: &mut Vec<Bytes>,
    ) {
        if let Some(count) = self.buffer.acknowledge(next) {
            self.stats.acknowledged_packets += count as u64;
            self.probe.acknowledged(self.buffer.in_flight() == 0);
        }
        if let Some(report) = report {
            let [rtt, variation] =
                [report.rtt, report.rtt_variation].map(|us| Duration::from_micros(us.into()));
            self.rtt.told(rtt, variation);
            self.window = report.room.max(2);
            self.stats.capacity_bits_per_second = u64::from(report.capacity) * 8 * MAX_MESSAGE as u64;
            self.stats.received_bits_per_second = u64::from(report.byte_rate) * 8;
        }
        if number != 0 {
            wire.push(self.link.write(Control::AckAck { number }, now).into());
        }
        self.transmit(now, wire);
    }

    pub(crate) fn handle_nak(&mut self, list: LossList<'_>, now: Instant, wire: &mut Vec<Bytes>) {
        self.probe.lost(now);
        self.stats.requests_received += 1;
        let was_waiting = self.waiting();
        let recently = self.rtt.smoothed() * 3 / 4;
        let asked = self.repeats.ask(list, &mut self.buffer, recently, now);
        self.stats.lost_packets += asked.lost;
        for (first, last) in asked.gone {
            wire.push(self.link.write(Control::DropRequest { first, last }, now).into());
        }
        if was_waiting == 0 {
            self.pace.begin(now);
        }
        self.transmit(now, wire);
    }

    /// The peer's answer to new keys.
    pub(crate) fn handle_key_response(&mut self, answer: &[u8]) {
        self.seal.handle_key_response(answer);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, wire: &mut Vec<Bytes>) {
        if let Some((first, last)) = self.buffer.expire(now, self.kept_for) {
            self.stats.dropped_packets += u64::from(last.after(first).unwrap_or(0)) + 1;
            self.probe.acknowledged(self.buffer.in_flight() == 0);
            wire.push(self.link.write(Control::DropRequest { first, last }, now).into());
        }
        wire.extend(self.seal.poll_keys(&self.rtt, now));
        while let Some(seq) = self.repeats.take_second(now) {
            self.repeat(seq, now, wire);
        }
        match self.probe.poll(&self.rtt, now) {
            Some(Due::Name) => {
                if let Some(last) = self.buffer.last_sent() {
                    wire.push(self.link.write(Control::KeepAlive { last: Some(last) }, now).into());
                    self.stats.probes_sent += 1;
                }
            }
            Some(Due::Repeat) => {
                if let Some(last) = self.buffer.last_sent() {
                    self.repeat(last, now, wire);
                    self.stats.probes_sent += 1;
                }
            }
            None => {}
        }
        self.transmit(now, wire);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let paced = (self.repeats.waiting() > 0 || self.may_send_new()).then(|| self.pace.next());
        let oldest = self.buffer.oldest().map(|at| at + self.kept_for);
        [paced, oldest, self.seal.due(), self.repeats.due(), self.probe.due()].into_iter().flatten().min()
    }

    pub(crate) fn stats(&self) -> CallerStats {
        CallerStats {
            key_changes: self.seal.key_changes(),
            unacknowledged_packets: self.buffer.len() as u64,
            rtt: self.rtt.smoothed(),
            rtt_variation: self.rtt.variation(),
            ..self.stats
        }
    }

    fn waiting(&self) -> usize {
        self.buffer.waiting() + self.repeats.waiting()
    }

    /// Whether a new packet waits and the receiver has room for it.
    fn may_send_new(&self) -> bool {
        self.buffer.waiting() > 0 && self.buffer.in_flight() < self.window as usize
    }

    /// Puts on the wire what may leave now, repetitions first.
    fn transmit(&mut self, now: Instant, wire: &mut Vec<Bytes>) {
        while self.pace.next() <= now {
            if let Some(seq) = self.repeats.take() {
                if self.repeat(seq, now, wire) {
                    self.repeats.follow(seq, self.rtt.smoothed(), now);
                    self.pace.sent(self.waiting());
                }
                continue;
            }
            if !self.may_send_new() {
                return;
            }
            let Some(datagram) = self.buffer.send() else { return };
            self.count(&datagram);
            wire.push(datagram);
            self.repeats.earn();
            self.pace.sent(self.waiting());
            if self.buffer.waiting() == 0 {
                self.probe.tail(&self.rtt, now);
            }
        }
    }

    /// False when it was acknowledged or let go in the meantime.
    fn repeat(&mut self, seq: Seq, now: Instant, wire: &mut Vec<Bytes>) -> bool {
        let Some(kept) = self.buffer.get_mut(seq) else { return false };
        kept.awaited = false;
        kept.repeated_at = Some(now);
        let datagram = Bytes::from(as_repeated(&kept.datagram));
        self.count(&datagram);
        self.stats.repeated_packets += 1;
        wire.push(datagram);
        true
    }

    fn count(&mut self, datagram: &Bytes) {
        self.stats.sent_packets += 1;
        self.stats.sent_bytes += (datagram.len() - crate::packet::HEADER) as u64;
    }
}
