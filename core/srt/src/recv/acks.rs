//! What the sender is told to have arrived: a light ACK each 10 ms that brought something, and ten times a second
//! a full one, whose confirmation measures the round trip.
//!
//! libsrt sends a full one each time; a light one moves its sender just as well and needs no answer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::rate::Rate;
use crate::packet::Control;
use crate::packet::control::AckReport;
use crate::rtt::Rtt;
use crate::seq::Seq;

const INTERVAL: Duration = Duration::from_millis(10);
const FULL_INTERVAL: Duration = Duration::from_millis(100);
/// Full ones that may be unconfirmed.
const REMEMBERED: usize = 16;

/// Decides about ACKs.
#[derive(Debug)]
pub(super) struct Acks {
    due: Option<Instant>,
    number: u32,
    told: Seq,
    last: Instant,
    last_full: Option<Instant>,
    unconfirmed: VecDeque<(u32, Instant)>,
}

impl Acks {
    pub(super) fn new(first: Seq, now: Instant) -> Self {
        Self { due: None, number: 0, told: first, last: now, last_full: None, unconfirmed: VecDeque::new() }
    }

    /// When one is to be sent.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// A data packet came. The very first one is acknowledged at once, to measure the round trip.
    pub(super) fn arm(&mut self, rtt: &Rtt, now: Instant) {
        let wait = if rtt.is_measured() || self.last_full.is_some() { INTERVAL } else { Duration::ZERO };
        self.due.get_or_insert(now + wait);
    }

    /// The ACK that is due, if any. One that says nothing new is sent seldom.
    pub(super) fn poll(
        &mut self,
        next: Seq,
        room: u32,
        rtt: &Rtt,
        rate: &Rate,
        now: Instant,
    ) -> Option<Control<'static>> {
        self.due.filter(|at| *at <= now)?;
        self.due = None;
        let news = next != self.told || self.last_full.is_none();
        let silent = now.saturating_duration_since(self.last);
        if !news && silent < rtt.patience().clamp(INTERVAL, FULL_INTERVAL) {
            return None;
        }
        (self.told, self.last) = (next, now);
        let full = !rtt.is_measured()
            || self.last_full.is_none_or(|at| now.saturating_duration_since(at) >= FULL_INTERVAL);
        if !full {
            return Some(Control::Ack { number: 0, next, report: None });
        }
        self.last_full = Some(now);
        self.number = self.number.wrapping_add(1).max(1);
        if self.unconfirmed.len() == REMEMBERED {
            self.unconfirmed.pop_front();
        }
        self.unconfirmed.push_back((self.number, now));
        let report = AckReport {
            rtt: micros(rtt.smoothed()),
            rtt_variation: micros(rtt.variation()),
            room: room.max(2),
            packet_rate: rate.packets_per_second(),
            capacity: rate.capacity(),
            byte_rate: u32::try_from(rate.bytes_per_second()).unwrap_or(u32::MAX),
        };
        Some(Control::Ack { number: self.number, next, report: Some(report) })
    }

    /// The sender confirms one: how long that took.
    pub(super) fn confirmed(&mut self, number: u32, now: Instant) -> Option<Duration> {
        let index = self.unconfirmed.iter().position(|(sent, _)| *sent == number)?;
        let (_, at) = self.unconfirmed.drain(..=index).next_back()?;
        Some(now.saturating_duration_since(at))
    }
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
