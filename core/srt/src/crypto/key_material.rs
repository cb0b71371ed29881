//! The key material message (3.2.2): one key or two, wrapped (RFC 3394) under a key made of the passphrase (6.1.4).

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use aes_kw::{KeyInit, KwAes256};
use sha1::Sha1;
use zeroize::Zeroizing;

use super::cipher::Salt;
use super::{Key, KeyError};
use crate::packet::Words;

/// Version 1, a key material message.
const KIND: u8 = 0x12;
/// "HAI" in five-bit letters.
const SIGNATURE: [u8; 2] = [0x20, 0x29];
const AES_CTR: u8 = 2;
const OVER_SRT: u8 = 2;
/// Rounds of PBKDF2, as the protocol fixes them.
const ROUNDS: u32 = 2048;
const KEY: usize = 32;
/// What the wrapping adds.
const CHECK: usize = 8;

/// The key that wraps keys, of one passphrase and one salt.
pub(super) struct Wrapper {
    aes: KwAes256,
    pub(super) salt: Salt,
}

impl Wrapper {
    /// Takes under a millisecond of one core, on purpose of the protocol.
    pub(super) fn new(passphrase: &[u8], salt: Salt) -> Self {
        let mut key: Key = Zeroizing::new([0; KEY]);
        let (_, last_eight) = salt.split_at(8);
        pbkdf2::pbkdf2_hmac::<Sha1>(passphrase, last_eight, ROUNDS, key.as_mut());
        Self { aes: KwAes256::new(&(*key).into()), salt }
    }

    /// The message for these keys, even and odd; at least one is there.
    pub(super) fn write(&self, keys: &[Option<Key>; 2]) -> Vec<u8> {
        let [even, odd] = keys;
        let flags = u8::from(even.is_some()) | u8::from(odd.is_some()) << 1;
        let mut plain = Zeroizing::new(Vec::with_capacity(KEY.saturating_mul(2)));
        for key in keys.iter().flatten() {
            plain.extend_from_slice(key.as_ref());
        }
        let mut message = vec![KIND];
        message.extend_from_slice(&SIGNATURE);
        message.extend_from_slice(&[flags, 0, 0, 0, 0, AES_CTR, 0, OVER_SRT, 0, 0, 0, 4, 8]);
        message.extend_from_slice(&self.salt);
        let mut wrapped = vec![0; plain.len().saturating_add(CHECK)];
        // Cannot fail: the length is a multiple of eight, the room is right.
        if self.aes.wrap_key(&plain, &mut wrapped).is_ok() {
            message.extend_from_slice(&wrapped);
        }
        message
    }

    /// The keys inside a message.
    pub(super) fn read(&self, message: &KeyMessage<'_>) -> Result<[Option<Key>; 2], KeyError> {
        if message.salt != self.salt {
            return Err(KeyError::OutOfTurn);
        }
        let length = message.wrapped.len().checked_sub(CHECK).ok_or(KeyError::Malformed)?;
        let mut plain = Zeroizing::new(vec![0; length]);
        self.aes.unwrap_key(message.wrapped, &mut plain).map_err(|_| KeyError::WrongPassphrase)?;
        let mut keys =
            plain.chunks_exact(KEY).filter_map(|bytes| bytes.first_chunk().copied().map(Zeroizing::new));
        let even = if message.even { keys.next() } else { None };
        let odd = if message.odd { keys.next() } else { None };
        Ok([even, odd])
    }
}

/// A message of the right shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyMessage<'a> {
    even: bool,
    odd: bool,
    pub(super) salt: Salt,
    wrapped: &'a [u8],
}

impl<'a> KeyMessage<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, KeyError> {
        Self::split(bytes).ok_or(KeyError::Malformed).and_then(|(message, length)| match length {
            8 => Ok(message),
            4 | 6 => Err(KeyError::Short { bytes: length << 2 }),
            _ => Err(KeyError::Malformed),
        })
    }

    /// The message and its key length in units of four bytes.
    fn split(bytes: &'a [u8]) -> Option<(Self, u8)> {
        let mut words = Words(bytes);
        let [kind, sign_a, sign_b, flags] = words.bytes()?;
        let key_index = words.u32()?;
        let [cipher, authentication, over, _] = words.bytes()?;
        let [_, _, salt_length, key_length] = words.bytes()?;
        let known = kind == KIND
            && [sign_a, sign_b] == SIGNATURE
            && (1..=3).contains(&flags)
            && key_index == 0
            && (cipher, authentication, over, salt_length) == (AES_CTR, 0, OVER_SRT, 4);
        let salt = words.bytes()?;
        let count: usize = if flags == 3 { 2 } else { 1 };
        let length = usize::from(key_length).checked_mul(4)?.checked_mul(count)?.checked_add(CHECK)?;
        let fits = known && words.0.len() == length;
        let message = Self { even: flags & 1 != 0, odd: flags & 2 != 0, salt, wrapped: words.0 };
        fits.then_some((message, key_length))
    }
}

/// What a listener without our key answers instead of the message (3.2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// It wants no encryption, or has no passphrase.
    NoSecret,
    /// Its passphrase is another one.
    BadSecret,
}

impl KeyState {
    /// The state in a four-byte answer.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        match Words(bytes).u32()? {
            _ if bytes.len() != 4 => None,
            3 => Some(Self::NoSecret),
            4 | 5 => Some(Self::BadSecret),
            _ => None,
        }
    }
}
