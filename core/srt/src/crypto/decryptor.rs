//! The receiving end's keys, as the sender announces them.

use super::cipher::PacketCipher;
use super::encryptor::slot;
use super::key_material::{KeyMessage, Wrapper};
use super::{Key, KeyError};
use crate::packet::data::KeySlot;
use crate::seq::Seq;

/// Decrypts, and takes new keys.
pub(crate) struct Decryptor {
    wrapper: Wrapper,
    keys: [Option<Key>; 2],
    ciphers: [Option<PacketCipher>; 2],
    /// The key of the newest packet.
    active: Option<KeySlot>,
    changes: u64,
}

impl Decryptor {
    /// Opens a caller's key material. The passphrase is not kept. Takes under a millisecond.
    ///
    /// # Errors
    /// When it is not AES-256 key material under this passphrase.
    pub(crate) fn new(passphrase: &[u8], message: &[u8]) -> Result<Self, KeyError> {
        let message = KeyMessage::parse(message)?;
        let wrapper = Wrapper::new(passphrase, message.salt);
        let keys = wrapper.read(&message)?;
        let mut decryptor =
            Self { wrapper, keys: [None, None], ciphers: [None, None], active: None, changes: 0 };
        decryptor.take(keys);
        Ok(decryptor)
    }

    /// Takes the keys of a refresh.
    ///
    /// # Errors
    /// The keys stay as they were.
    pub(crate) fn renew(&mut self, message: &[u8]) -> Result<(), KeyError> {
        let mut keys = self.wrapper.read(&KeyMessage::parse(message)?)?;
        if let Some(active) = self.active {
            let held = slot(&mut self.keys, active).as_deref();
            if slot(&mut keys, active).as_deref().is_some_and(|key| Some(key) != held) {
                return Err(KeyError::OutOfTurn);
            }
        }
        self.take(keys);
        Ok(())
    }

    /// Decrypts in place; false without the key, and for a packet in clear.
    pub(crate) fn decrypt(&mut self, key: Option<KeySlot>, seq: Seq, bytes: &mut [u8]) -> bool {
        let Some(key) = key else { return false };
        let Some(cipher) = slot(&mut self.ciphers, key) else { return false };
        cipher.apply(seq, bytes);
        self.changes += u64::from(self.active.is_some_and(|active| active != key));
        self.active = Some(key);
        true
    }

    /// How often the key in use was another one than before.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    fn take(&mut self, keys: [Option<Key>; 2]) {
        let [even, odd] = keys;
        for (which, key) in [(KeySlot::Even, even), (KeySlot::Odd, odd)] {
            if let Some(key) = key {
                *slot(&mut self.ciphers, which) = Some(PacketCipher::new(&key, self.wrapper.salt));
                *slot(&mut self.keys, which) = Some(key);
            }
        }
    }
}
