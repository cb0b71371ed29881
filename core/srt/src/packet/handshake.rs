//! The handshake packet's fixed fields (3.2.1).

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::net::{IpAddr, SocketAddr};

use super::Words;
use crate::seq::Seq;

/// What a listener writes into the extension field of its first answer, so that callers speak version 5.
pub(crate) const MAGIC: u16 = 0x4a17;
/// What a caller writes there, as UDT did: a datagram socket.
pub(crate) const DATAGRAM: u16 = 2;
/// AES-256, in units of eight bytes.
pub(crate) const KEY_32: u16 = 4;
/// A UDP datagram over Ethernet.
pub(crate) const MTU: u32 = 1500;

/// What kind of step it is: the last field's first three values, or a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// 1: who are you.
    Induction,
    /// -1: this is what I want; this is what you get.
    Conclusion,
    /// 1000 and above: the reject code.
    Refused(u32),
    /// Rendezvous and unknown ones.
    Other(u32),
}

impl Step {
    const fn read(word: u32) -> Self {
        match word {
            1 => Self::Induction,
            0xffff_ffff => Self::Conclusion,
            1000..0x8000_0000 => Self::Refused(word),
            _ => Self::Other(word),
        }
    }

    const fn word(self) -> u32 {
        match self {
            Self::Induction => 1,
            Self::Conclusion => 0xffff_ffff,
            Self::Refused(code) | Self::Other(code) => code,
        }
    }
}

/// A handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handshake<'a> {
    /// 4 in the first packet, 5 from then on.
    pub(crate) version: u32,
    /// Key length in units of eight bytes; 0 leaves it open.
    pub(crate) encryption: u16,
    /// Which extensions follow, or [`MAGIC`], or [`DATAGRAM`].
    pub(crate) extension: u16,
    /// First packet of the stream.
    pub(crate) first: Seq,
    /// Largest datagram.
    pub(crate) mtu: u32,
    /// Packets that may be unacknowledged.
    pub(crate) window: u32,
    /// Which step.
    pub(crate) step: Step,
    /// The sender's socket id.
    pub(crate) socket: u32,
    /// The listener's proof that the caller's address is real.
    pub(crate) cookie: u32,
    /// The receiver's address as the sender sees it.
    pub(crate) address: [u8; 16],
    /// Blocks behind the fixed fields.
    pub(crate) extensions: &'a [u8],
}

impl<'a> Handshake<'a> {
    /// `None` when too short.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut words = Words(bytes);
        Some(Self {
            version: words.u32()?,
            encryption: words.u16()?,
            extension: words.u16()?,
            first: Seq::new(words.u32()?),
            mtu: words.u32()?,
            window: words.u32()?,
            step: Step::read(words.u32()?),
            socket: words.u32()?,
            cookie: words.u32()?,
            address: words.bytes()?,
            extensions: words.0,
        })
    }

    /// Behind the header.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.encryption.to_be_bytes());
        bytes.extend_from_slice(&self.extension.to_be_bytes());
        let words = [self.first.get(), self.mtu, self.window, self.step.word(), self.socket, self.cookie];
        for word in words {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        bytes.extend_from_slice(&self.address);
        bytes.extend_from_slice(self.extensions);
    }
}

/// An address as the handshake carries it: each 32-bit word in little-endian order.
pub(crate) fn address(of: SocketAddr) -> [u8; 16] {
    let mut bytes = [0; 16];
    match of.ip() {
        IpAddr::V4(ip) => {
            for (to, from) in bytes.iter_mut().zip(ip.octets().into_iter().rev()) {
                *to = from;
            }
        }
        IpAddr::V6(ip) => {
            for (to, from) in bytes.chunks_mut(4).zip(ip.octets().chunks(4)) {
                for (to, from) in to.iter_mut().zip(from.iter().rev()) {
                    *to = *from;
                }
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_reads_back_with_each_step() {
        for step in [Step::Induction, Step::Conclusion, Step::Refused(2401), Step::Other(0)] {
            let handshake = Handshake {
                version: 5,
                encryption: KEY_32,
                extension: MAGIC,
                first: Seq::new(7),
                mtu: MTU,
                window: 8192,
                step,
                socket: 99,
                cookie: 0xdead_beef,
                address: address(SocketAddr::from(([192, 0, 2, 1], 1))),
                extensions: &[1, 2],
            };
            let mut bytes = Vec::new();
            handshake.write(&mut bytes);
            assert_eq!(Handshake::parse(&bytes), Some(handshake));
            assert_eq!(Handshake::parse(bytes.get(..47).unwrap()), None);
        }
    }

    #[test]
    fn an_address_is_written_backwards_word_by_word() {
        assert_eq!(address(SocketAddr::from(([192, 0, 2, 1], 1))).get(..5), Some(&[1, 2, 0, 192, 0][..]));
        let v6 = "[2001:db8::1]:1".parse().unwrap();
        assert_eq!(address(v6).get(..4), Some(&[0xb8, 0x0d, 0x01, 0x20][..]));
    }
}
