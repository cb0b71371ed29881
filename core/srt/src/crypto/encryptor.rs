//! The sending end's keys: one in use, sometimes the next one on its way to the peer.
//!
//! The next key is announced well before it is used, and used only after the peer confirmed it.

use zeroize::Zeroizing;

use super::cipher::PacketCipher;
use super::key_material::{KeyMessage, Wrapper};
use super::{Key, KeyError};
use crate::packet::data::KeySlot;
use crate::random::Random;
use crate::seq::Seq;

/// Packets under one key; libsrt's default.
const PERIOD: u32 = 1 << 24;
/// Packets before the change at which the next key is announced; libsrt's default.
const ANNOUNCED_BEFORE: u32 = 1 << 12;

/// Encrypts, and changes keys.
pub(crate) struct Encryptor {
    wrapper: Wrapper,
    keys: [Option<Key>; 2],
    ciphers: [Option<PacketCipher>; 2],
    active: KeySlot,
    /// Packets under the active key.
    used: u32,
    period: u32,
    announced_before: u32,
    message: Vec<u8>,
    next: Next,
    changes: u64,
}

/// The key after the active one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    None,
    Announced,
    Confirmed,
}

impl Encryptor {
    /// The first key is the even one. Derives a key from the passphrase (under a millisecond).
    pub(crate) fn new(passphrase: &[u8], random: &mut Random) -> Self {
        let wrapper = Wrapper::new(passphrase, random.bytes());
        let key: Key = Zeroizing::new(random.bytes());
        let cipher = PacketCipher::new(&key, wrapper.salt);
        let keys = [Some(key), None];
        let message = wrapper.write(&keys);
        Self {
            wrapper,
            keys,
            ciphers: [Some(cipher), None],
            active: KeySlot::Even,
            used: 0,
            period: PERIOD,
            announced_before: ANNOUNCED_BEFORE,
            message,
            next: Next::None,
            changes: 0,
        }
    }

    /// The keys that a caller made, for what is sent back to it: the same salt and the same first key go both ways (6.2.1).
    ///
    /// # Errors
    /// When it is not AES-256 key material under this passphrase.
    pub(crate) fn of_peer(passphrase: &[u8], message: &[u8]) -> Result<Self, KeyError> {
        let parsed = KeyMessage::parse(message)?;
        let wrapper = Wrapper::new(passphrase, parsed.salt);
        let keys = wrapper.read(&parsed)?;
        let ciphers = keys.each_ref().map(|key| Some(PacketCipher::new(key.as_ref()?, wrapper.salt)));
        let active = if keys[0].is_some() { KeySlot::Even } else { KeySlot::Odd };
        Ok(Self {
            wrapper,
            keys,
            ciphers,
            active,
            used: 0,
            period: PERIOD,
            announced_before: ANNOUNCED_BEFORE,
            message: message.to_vec(),
            next: Next::None,
            changes: 0,
        })
    }

    /// Changes keys after this many packets instead of [`PERIOD`].
    pub(crate) fn change_every(&mut self, packets: u32) {
        self.period = packets.clamp(16, PERIOD);
        self.announced_before = (self.period / 4).min(ANNOUNCED_BEFORE);
    }

    /// The keys for the peer, as they stand now.
    pub(crate) fn message(&self) -> &[u8] {
        &self.message
    }

    /// The same while the peer has still to confirm them.
    pub(crate) fn unconfirmed(&self) -> Option<&[u8]> {
        (self.next == Next::Announced).then_some(&*self.message)
    }

    /// The peer's answer; false when it is not ours.
    pub(crate) fn confirm(&mut self, answer: &[u8]) -> bool {
        let ours = answer == self.message;
        if ours && self.next == Next::Announced {
            self.next = Next::Confirmed;
        }
        ours
    }

    /// Before a packet: makes the next key when its time has come, unless packets under the key whose place it
    /// takes may still have to be repeated; changes to it when it is due and confirmed.
    pub(crate) fn prepare(&mut self, retained: [bool; 2], random: &mut Random) {
        let other = self.active.other();
        let [even, odd] = retained;
        let busy = match other {
            KeySlot::Even => even,
            KeySlot::Odd => odd,
        };
        if self.next == Next::None && self.used >= self.period - self.announced_before && !busy {
            let key: Key = Zeroizing::new(random.bytes());
            *slot(&mut self.ciphers, other) = Some(PacketCipher::new(&key, self.wrapper.salt));
            *slot(&mut self.keys, other) = Some(key);
            self.message = self.wrapper.write(&self.keys);
            self.next = Next::Announced;
        }
        if self.next == Next::Confirmed && self.used >= self.period {
            self.active = other;
            self.changes += 1;
            self.used = 0;
            self.next = Next::None;
        }
    }

    /// How often the next key followed.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Encrypts in place and says with which key.
    pub(crate) fn encrypt(&mut self, seq: Seq, bytes: &mut [u8]) -> KeySlot {
        self.used = self.used.saturating_add(1);
        if let Some(cipher) = slot(&mut self.ciphers, self.active) {
            cipher.apply(seq, bytes);
        }
        self.active
    }
}

/// The one of two that belongs to `which`.
pub(super) fn slot<T>([even, odd]: &mut [T; 2], which: KeySlot) -> &mut T {
    match which {
        KeySlot::Even => even,
        KeySlot::Odd => odd,
    }
}
