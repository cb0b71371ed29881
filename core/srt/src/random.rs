//! Randomness as a value: the shell brings 32 bytes from the operating system, everything else follows from them.
//!
//! The bytes key AES-256, whose counter stream is what is drawn: without the seed nobody can tell it from chance.
//! One seed serves one [`crate::Listener`] or [`crate::Caller`], never two: the same seed gives the same keys.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// 32 bytes from the operating system's source of randomness; forgotten in memory after use.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl From<[u8; 32]> for Seed {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seed(..)")
    }
}

/// Random numbers drawn from a [`Seed`].
pub(crate) struct Random(Ctr128BE<Aes256>);

impl Random {
    pub(crate) fn new(seed: &Seed) -> Self {
        Self(Ctr128BE::new(&seed.0.into(), &[0; 16].into()))
    }

    /// Bytes fit for a key.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.apply_keystream(&mut bytes);
        bytes
    }

    /// 32 random bits.
    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.bytes())
    }

    /// A socket id: 30 bits (libsrt marks groups with the next one), never zero.
    pub(crate) fn socket_id(&mut self) -> u32 {
        (self.u32() & 0x3fff_ffff).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_sequence_and_two_are_two() {
        let draw = |byte: u8| {
            let mut random = Random::new(&Seed::from([byte; 32]));
            (random.bytes::<32>(), random.bytes::<32>())
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_ne!(draw(1).0, draw(1).1);
        assert_eq!(format!("{:?}", Seed::from([7; 32])), "Seed(..)");
    }
}
