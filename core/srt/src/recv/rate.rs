//! What arrives a second, and what the path could carry: two packets sent back to back arrive as far apart as the
//! narrowest link makes them (4.11.2).

use std::time::{Duration, Instant};

use crate::packet::{DataPacket, HEADER};
use crate::seq::Seq;

const ROUND: Duration = Duration::from_millis(500);
/// One pair in so many packets, as every SRT sender sends them.
const PAIR: u32 = 16;
const PAIRS: usize = 16;

/// Counts.
#[derive(Debug)]
pub(super) struct Rate {
    begun: Instant,
    packets: u32,
    bytes: u64,
    packets_per_second: u32,
    bytes_per_second: u64,
    opened: Option<(Seq, Instant)>,
    /// Microseconds between the two of a pair; the oldest is overwritten.
    gaps: [u32; PAIRS],
    pairs: usize,
}

impl Rate {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            begun: now,
            packets: 0,
            bytes: 0,
            packets_per_second: 0,
            bytes_per_second: 0,
            opened: None,
            gaps: [0; PAIRS],
            pairs: 0,
        }
    }

    pub(super) fn note(&mut self, packet: &DataPacket<'_>, now: Instant) {
        let age = now.saturating_duration_since(self.begun);
        if age >= ROUND {
            let seconds = age.as_secs_f64();
            self.packets_per_second = (f64::from(self.packets) / seconds) as u32;
            self.bytes_per_second = (self.bytes as f64 / seconds) as u64;
            (self.begun, self.packets, self.bytes) = (now, 0, 0);
        }
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add((packet.payload.len() + HEADER) as u64);
        if packet.repeated {
            return;
        }
        if let Some((first, at)) = self.opened.take()
            && first.next() == packet.seq
        {
            let gap = now.saturating_duration_since(at).as_micros();
            if let Some(slot) = self.gaps.get_mut(self.pairs % PAIRS) {
                *slot = u32::try_from(gap).unwrap_or(u32::MAX).max(1);
                self.pairs += 1;
            }
        }
        if packet.seq.get().is_multiple_of(PAIR) {
            self.opened = Some((packet.seq, now));
        }
    }

    pub(super) fn packets_per_second(&self) -> u32 {
        self.packets_per_second
    }

    pub(super) fn bytes_per_second(&self) -> u64 {
        self.bytes_per_second
    }

    /// Packets a second that the path could carry; 0 while unknown.
    pub(super) fn capacity(&self) -> u32 {
        let mut gaps = self.gaps;
        let known = gaps.get_mut(..self.pairs.min(PAIRS)).unwrap_or_default();
        known.sort_unstable();
        known.get(known.len() / 2).map_or(0, |median| 1_000_000 / median)
    }

    /// The same in bits, for packets of the usual size.
    pub(super) fn capacity_bits_per_second(&self) -> u64 {
        u64::from(self.capacity()) * 8 * (crate::MAX_MESSAGE + HEADER) as u64
    }
}
