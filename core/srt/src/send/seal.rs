//! From a message to the datagram that travels: numbered, stamped, encrypted; and the keys that the peer needs to
//! open it, sent again until it says that it has them.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::crypto::Encryptor;
use crate::link::Link;
use crate::packet::data::KeySlot;
use crate::packet::{Control, DataPacket};
use crate::random::Random;
use crate::rtt::Rtt;
use crate::seq::Seq;

/// New keys are sent again this often at most.
const KEY_INTERVAL: Duration = Duration::from_millis(50);
/// Message numbers have 26 bits.
const LAST_MESSAGE: u32 = 0x03ff_ffff;

/// The seal.
pub(super) struct Seal {
    link: Link,
    encryptor: Encryptor,
    random: Random,
    next: Seq,
    message: u32,
    keys_at: Option<Instant>,
}

impl Seal {
    pub(super) fn new(link: Link, first: Seq, encryptor: Encryptor, random: Random) -> Self {
        Self { link, encryptor, random, next: first, message: 0, keys_at: None }
    }

    /// Changes keys after so many packets.
    pub(super) fn change_keys_every(&mut self, packets: u32) {
        self.encryptor.change_every(packets);
    }

    /// The next packet, and the key it is under; `kept` says under which keys packets are still kept.
    pub(super) fn message(&mut self, message: &[u8], kept: [bool; 2], now: Instant) -> (Bytes, KeySlot) {
        self.encryptor.prepare(kept, &mut self.random);
        if self.encryptor.unconfirmed().is_some() {
            self.keys_at.get_or_insert(now);
        }
        let mut payload = message.to_vec();
        let key = self.encryptor.encrypt(self.next, &mut payload);
        // Never 0: libsrt takes that for a control message.
        self.message = if self.message >= LAST_MESSAGE { 1 } else { self.message + 1 };
        let packet = DataPacket {
            seq: self.next,
            solo: true,
            key: Some(key),
            repeated: false,
            message: self.message,
            timestamp: self.link.timestamp(now),
            to: self.link.to,
            payload: &payload,
        };
        self.next = self.next.next();
        (packet.write().into(), key)
    }

    /// The peer's answer to new keys.
    pub(super) fn handle_key_response(&mut self, answer: &[u8]) {
        if self.encryptor.confirm(answer) && self.encryptor.unconfirmed().is_none() {
            self.keys_at = None;
        }
    }

    /// New keys for the peer, if it is time to send them.
    pub(super) fn poll_keys(&mut self, rtt: &Rtt, now: Instant) -> Option<Bytes> {
        self.keys_at.filter(|at| *at <= now)?;
        let keys = self.encryptor.unconfirmed();
        self.keys_at = keys.map(|_| now + KEY_INTERVAL.max(rtt.patience()));
        keys.map(|keys| self.link.write(Control::KeyRequest(keys), now).into())
    }

    /// When keys are to be sent.
    pub(super) fn due(&self) -> Option<Instant> {
        self.keys_at
    }

    pub(super) fn key_changes(&self) -> u64 {
        self.encryptor.changes()
    }
}
