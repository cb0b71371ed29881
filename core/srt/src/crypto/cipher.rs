//! One key, ready for packets: AES-256 in counter mode, the counter begun from salt and sequence number (6.2.2).

use aes::Aes256;
use ctr::cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use ctr::{CtrCore, flavors};

use super::Key;
use crate::seq::Seq;

/// Random bytes beside every key of a connection.
pub(super) type Salt = [u8; 16];

/// A key with its schedule, made once and used for every packet.
pub(super) struct PacketCipher {
    aes: Aes256,
    salt: Salt,
}

impl PacketCipher {
    pub(super) fn new(key: &Key, salt: Salt) -> Self {
        Self { aes: Aes256::new(&(**key).into()), salt }
    }

    /// Encrypts or decrypts in place; both are the same.
    pub(super) fn apply(&self, seq: Seq, bytes: &mut [u8]) {
        let core = CtrCore::<&Aes256, flavors::Ctr128BE>::inner_iv_init(&self.aes, &self.begin(seq).into());
        StreamCipherCoreWrapper::from_core(core).apply_keystream(bytes);
    }

    /// The first 14 bytes of the salt with the sequence number over the last four of them; then the block count.
    fn begin(&self, seq: Seq) -> [u8; 16] {
        let mut begin = self.salt;
        let [.., a, b, c, d, high, low] = &mut begin;
        for (byte, of_seq) in [a, b, c, d].into_iter().zip(seq.get().to_be_bytes()) {
            *byte ^= of_seq;
        }
        (*high, *low) = (0, 0);
        begin
    }
}
