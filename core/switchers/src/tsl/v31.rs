//! TSL UMD 3.1: 18 bytes a display.
//!
//! `[0]` 0x80 + address (0 to 126); `[1]` bits 0 to 3 tally 1 to 4, bits 4 and 5 brightness; `[2..18]` text.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

/// Bytes of a record.
pub(super) const LENGTH: usize = 18;

/// One display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// 0 to 126.
    pub address: u8,
    /// Tally 1 to 4.
    pub tally: [bool; 4],
    /// 0 to 3.
    pub brightness: u8,
    /// Without its padding.
    pub text: String,
}

impl Record {
    /// The record on the wire: address cut to 126, brightness to 3, text to 16 ASCII characters, padded with spaces.
    pub fn encode(&self) -> [u8; LENGTH] {
        let lit = self.tally.iter().zip(0..).fold(0, |byte, (lit, bit)| byte | u8::from(*lit) << bit);
        let text = self.text.chars().map(|c| if c.is_ascii() && !c.is_control() { c } else { '?' });
        let mut text = text.map(|c| u8::try_from(c).unwrap_or(b'?')).chain(std::iter::repeat(b' '));
        let mut bytes = [0x80 | self.address.min(126), self.brightness.min(3) << 4 | lit].into_iter();
        std::array::from_fn(|_| bytes.next().or_else(|| text.next()).unwrap_or(b' '))
    }
}

/// Reads a record; `None` when these are not one: the address has bit 7 set, nothing after it has.
pub fn record(bytes: &[u8; LENGTH]) -> Option<Record> {
    let [head, control, text @ ..] = bytes;
    let address = head.checked_sub(0x80).filter(|address| *address <= 126)?;
    if control & 0x80 != 0 || text.iter().any(|byte| byte & 0x80 != 0) {
        return None;
    }
    let text: String = text.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    Some(Record {
        address,
        tally: [0, 1, 2, 3].map(|bit| control >> bit & 1 == 1),
        brightness: control >> 4 & 3,
        text: text.trim_matches(|c: char| c.is_control() || c == ' ').to_owned(),
    })
}
