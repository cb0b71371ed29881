//! AES-256 in counter mode under keys that travel wrapped (draft-sharabayko-srt-01, sections 3.2.2 and 6).
//!
//! It gives secrecy, not integrity: whoever can write into the path can damage a stream, but not read it. Keys
//! are wiped from memory when they go.

mod cipher;
mod decryptor;
mod encryptor;
mod key_material;

pub(crate) use decryptor::Decryptor;
pub(crate) use encryptor::Encryptor;
pub(crate) use key_material::KeyState;

use zeroize::Zeroizing;

/// A key of AES-256.
type Key = Zeroizing<[u8; 32]>;

/// Why key material was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyError {
    /// Not a key material message, or of another cipher.
    Malformed,
    /// AES-128 or AES-192.
    Short {
        /// How many bytes the key has.
        bytes: u8,
    },
    /// Wrapped with another passphrase.
    WrongPassphrase,
    /// Would replace the key in use, or comes with another salt.
    OutOfTurn,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::data::KeySlot;
    use crate::random::{Random, Seed};
    use crate::seq::Seq;

    const PASSPHRASE: &[u8] = b"a passphrase of ours";

    fn random() -> Random {
        Random::new(&Seed::from([9; 32]))
    }

    #[test]
    fn what_one_end_encrypts_the_other_reads_across_key_changes() {
        let mut encryptor = Encryptor::new(PASSPHRASE, &mut random());
        encryptor.change_every(600);
        let mut decryptor = Decryptor::new(PASSPHRASE, encryptor.message()).unwrap();
        let mut used = Vec::new();
        for n in 0..3_000_u32 {
            encryptor.prepare([false; 2], &mut random());
            if encryptor.unconfirmed().is_some() {
                let message = encryptor.message().to_vec();
                decryptor.renew(&message).unwrap();
                assert!(encryptor.confirm(&message));
            }
            let mut bytes = n.to_be_bytes().repeat(50);
            let plain = bytes.clone();
            let slot = encryptor.encrypt(Seq::new(n), &mut bytes);
            assert_ne!(bytes, plain);
            assert!(decryptor.decrypt(Some(slot), Seq::new(n), &mut bytes));
            assert_eq!(bytes, plain);
            if used.last() != Some(&slot) {
                used.push(slot);
            }
        }
        assert_eq!(used, [KeySlot::Even, KeySlot::Odd].repeat(3)[..5]);
    }

    #[test]
    fn another_passphrase_opens_nothing() {
        let encryptor = Encryptor::new(PASSPHRASE, &mut random());
        let error = Decryptor::new(b"another passphrase", encryptor.message()).err();
        assert_eq!(error, Some(KeyError::WrongPassphrase));
    }

    #[test]
    fn a_short_key_is_named_by_its_length() {
        let mut message = Encryptor::new(PASSPHRASE, &mut random()).message().to_vec();
        message[15] = 4;
        message.truncate(16 + 16 + 24);
        assert_eq!(Decryptor::new(PASSPHRASE, &message).err(), Some(KeyError::Short { bytes: 16 }));
        message[15] = 6;
        message.extend([0; 8]);
        assert_eq!(Decryptor::new(PASSPHRASE, &message).err(), Some(KeyError::Short { bytes: 24 }));
    }

    #[test]
    fn a_key_in_use_is_not_replaced() {
        let first = Encryptor::new(PASSPHRASE, &mut random());
        let mut decryptor = Decryptor::new(PASSPHRASE, first.message()).unwrap();
        assert!(decryptor.decrypt(Some(KeySlot::Even), Seq::new(1), &mut [0; 20]));
        let second = Encryptor::new(PASSPHRASE, &mut Random::new(&Seed::from([8; 32])));
        assert_eq!(decryptor.renew(second.message()), Err(KeyError::OutOfTurn));
        assert_eq!(decryptor.renew(first.message()), Ok(()), "the same key again changes nothing");
        assert!(!decryptor.decrypt(Some(KeySlot::Odd), Seq::new(2), &mut [0; 20]), "no odd key yet");
        assert!(!decryptor.decrypt(None, Seq::new(2), &mut [0; 20]), "in clear");
    }

    #[test]
    fn any_bytes_are_key_material_or_an_error() {
        let encryptor = Encryptor::new(PASSPHRASE, &mut random());
        let decryptor = Decryptor::new(PASSPHRASE, encryptor.message()).unwrap();
        let decryptor = std::cell::RefCell::new(decryptor);
        proptest::proptest!(|(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..120))| {
            proptest::prop_assert!(decryptor.borrow_mut().renew(&bytes).is_err());
            // The same, past the header's checks.
            let mut shaped = encryptor.message().to_vec();
            shaped.iter_mut().skip(16).zip(&bytes).for_each(|(to, from)| *to ^= from);
            let changed = shaped != encryptor.message();
            proptest::prop_assert_eq!(decryptor.borrow_mut().renew(&shaped).is_err(), changed);
        });
    }
}
