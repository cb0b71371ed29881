//! What travels in a datagram (draft-sharabayko-srt-01, section 3): one data packet or one control packet.
//!
//! Parsing borrows, never panics and never guesses: what is not exactly a packet is `None`, and costs its sender
//! one counter. Nothing here knows a connection.

pub(crate) mod control;
pub(crate) mod data;
pub(crate) mod extension;
pub(crate) mod handshake;
pub(crate) mod loss;
mod words;

pub(crate) use control::{Control, ControlPacket};
pub(crate) use data::DataPacket;
pub(crate) use handshake::Handshake;
pub(crate) use words::Words;

/// Bytes before the payload.
pub(crate) const HEADER: usize = 16;
/// The longest payload of a datagram of 1500 bytes over IPv4.
pub(crate) const MAX_PAYLOAD: usize = 1456;

/// One datagram, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// Media.
    Data(DataPacket<'a>),
    /// Everything else.
    Control(ControlPacket<'a>),
}

impl<'a> Packet<'a> {
    /// `None` for what is no SRT packet.
    pub(crate) fn parse(datagram: &'a [u8]) -> Option<Self> {
        let (first, _) = datagram.split_first()?;
        if first & 0x80 == 0 {
            DataPacket::parse(datagram).map(Self::Data)
        } else {
            ControlPacket::parse(datagram).map(Self::Control)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_a_packet_or_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..1600)) {
            if let Some(Packet::Control(packet)) = Packet::parse(&bytes) {
                match packet.body {
                    Control::Handshake(handshake) => drop(extension::Extensions::parse(handshake.extensions)),
                    Control::Nak(list) => prop_assert!(list.ranges().count() <= bytes.len()),
                    _ => {}
                }
            }
        }

        #[test]
        fn any_bytes_of_a_known_kind_are_read_without_a_panic(
            kind in 0_u16..10,
            bytes in proptest::collection::vec(any::<u8>(), 14..300),
        ) {
            let mut datagram = (0x8000 | kind).to_be_bytes().to_vec();
            datagram.extend(&bytes);
            if let Some(Packet::Control(packet)) = Packet::parse(&datagram) {
                match packet.body {
                    Control::Handshake(handshake) => drop(extension::Extensions::parse(handshake.extensions)),
                    Control::Nak(list) => prop_assert!(list.ranges().count() <= bytes.len()),
                    _ => {}
                }
            }
        }
    }
}
