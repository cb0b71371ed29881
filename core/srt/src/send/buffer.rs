//! Packets from the first unacknowledged one to the newest: sent or still waiting for their turn.
//!
//! At most [`CAPACITY`]; each one is kept as the datagram that travels, so that repeating it costs a copy.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::packet::data::KeySlot;
use crate::seq::Seq;

/// Packets, at most: what 40 Mbit/s put into a second.
const CAPACITY: usize = 4096;

/// One packet.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) datagram: Bytes,
    pub(super) key: KeySlot,
    pub(super) queued_at: Instant,
    pub(super) repeated_at: Option<Instant>,
    /// Waits to be repeated.
    pub(super) awaited: bool,
}

/// The buffer.
#[derive(Debug)]
pub(super) struct Buffer {
    first: Seq,
    packets: VecDeque<Kept>,
    /// How many from the front were sent.
    sent: usize,
    /// How many are encrypted with the even key, and with the odd one.
    keys: [usize; 2],
}

impl Buffer {
    pub(super) fn new(first: Seq) -> Self {
        Self { first, packets: VecDeque::new(), sent: 0, keys: [0; 2] }
    }

    pub(super) fn is_full(&self) -> bool {
        self.packets.len() >= CAPACITY
    }

    pub(super) fn len(&self) -> usize {
        self.packets.len()
    }

    /// Sent and not acknowledged.
    pub(super) fn in_flight(&self) -> usize {
        self.sent
    }

    /// Not sent yet.
    pub(super) fn waiting(&self) -> usize {
        self.packets.len() - self.sent
    }

    /// The first one that is not acknowledged.
    pub(super) fn first(&self) -> Seq {
        self.first
    }

    /// The last one that was sent, if it is not acknowledged.
    pub(super) fn last_sent(&self) -> Option<Seq> {
        (self.sent as u32).checked_sub(1).map(|last| self.first.plus(last))
    }

    /// Whether packets under the even and under the odd key are kept.
    pub(super) fn keys(&self) -> [bool; 2] {
        self.keys.map(|count| count > 0)
    }

    pub(super) fn push(&mut self, kept: Kept) {
        *self.key(kept.key) += 1;
        self.packets.push_back(kept);
    }

    /// The next one to be sent for the first time.
    pub(super) fn send(&mut self) -> Option<Bytes> {
        let datagram = self.packets.get(self.sent)?.datagram.clone();
        self.sent += 1;
        Some(datagram)
    }

    /// A packet that was sent and not acknowledged.
    pub(super) fn get_mut(&mut self, seq: Seq) -> Option<&mut Kept> {
        let offset = seq.after(self.first)? as usize;
        if offset < self.sent { self.packets.get_mut(offset) } else { None }
    }

    /// Everything before `next` arrived: how many that were; `None` when `next` was never sent.
    pub(super) fn acknowledge(&mut self, next: Seq) -> Option<usize> {
        let count = next.after(self.first)? as usize;
        if count > self.sent {
            return None;
        }
        (0..count).for_each(|_| self.pop());
        Some(count)
    }

    /// Removes what is older than `life`: first and last of it.
    pub(super) fn expire(&mut self, now: Instant, life: Duration) -> Option<(Seq, Seq)> {
        let first = self.first;
        while self.packets.front().is_some_and(|kept| kept.queued_at + life <= now) {
            self.pop();
        }
        let count = self.first.after(first)?.checked_sub(1)?;
        Some((first, first.plus(count)))
    }

    /// When the oldest one was queued.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.packets.front().map(|kept| kept.queued_at)
    }

    fn pop(&mut self) {
        if let Some(kept) = self.packets.pop_front() {
            *self.key(kept.key) -= 1;
            self.sent = self.sent.saturating_sub(1);
            self.first = self.first.next();
        }
    }

    fn key(&mut self, key: KeySlot) -> &mut usize {
        let [even, odd] = &mut self.keys;
        match key {
            KeySlot::Even => even,
            KeySlot::Odd => odd,
        }
    }
}
