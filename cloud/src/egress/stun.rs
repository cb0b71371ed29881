//! Whose a STUN binding request is, without reading all of it (RFC 8489 5, 14; RFC 8445 7.2.2).
//!
//! What it says is not proven here: the peer that owns the fragment checks the request's integrity.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes before the attributes.
pub(super) const HEADER: usize = 20;
const USERNAME: u16 = 0x0006;

/// Whether a datagram is STUN (RFC 7983 7: a first byte of 0 to 3).
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| *first <= 3) && datagram.get(4..8) == Some(&MAGIC_COOKIE)
}

/// The receiver's user name fragment: the part of USERNAME before the colon.
pub(super) fn fragment_of(datagram: &[u8]) -> Option<&str> {
    let (_, name) = attributes(datagram)?.find(|(kind, _)| *kind == USERNAME)?;
    std::str::from_utf8(name).ok()?.split_once(':').map(|(fragment, _)| fragment)
}

/// The attributes of a binding request, type and value, as far as they can be read.
pub(super) fn attributes(datagram: &[u8]) -> Option<impl Iterator<Item = (u16, &[u8])>> {
    if datagram.get(..2)? != BINDING_REQUEST {
        return None;
    }
    let mut rest = datagram.get(HEADER..)?;
    Some(std::iter::from_fn(move || {
        let (&[t0, t1, l0, l1], body) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let value = body.get(..length)?;
        // Attributes are padded to four bytes; the last one may lack its padding.
        rest = body.get(length.checked_next_multiple_of(4)?..).unwrap_or_default();
        Some((u16::from_be_bytes([t0, t1]), value))
    }))
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test that looks past the end has failed")]
mod tests {
    use super::*;

    fn request(attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut packet = [&BINDING_REQUEST[..], &[0, 0], &MAGIC_COOKIE, &[7; 12]].concat();
        for (kind, value) in attributes {
            packet.extend(kind.to_be_bytes());
            packet.extend((value.len() as u16).to_be_bytes());
            packet.extend(*value);
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        packet
    }

    #[test]
    fn the_fragment_is_found_behind_other_attributes() {
        let packet = request(&[(0x8022, b"agent"), (USERNAME, b"ours:theirs"), (0x0024, &[0; 4])]);
        assert!(is_stun(&packet));
        assert_eq!(fragment_of(&packet), Some("ours"));
    }

    #[test]
    fn nonsense_names_nobody() {
        assert_eq!(fragment_of(&[]), None);
        assert_eq!(fragment_of(&request(&[(USERNAME, b"no colon")])), None);
        assert_eq!(fragment_of(&request(&[(USERNAME, &[0xff, b':'])])), None);
        let mut cut = request(&[(0x8022, b"agent"), (USERNAME, b"ours:theirs")]);
        cut.truncate(30);
        assert_eq!(fragment_of(&cut), None);
        let mut lying = request(&[(0x8022, b"agent"), (USERNAME, b"ours:theirs")]);
        lying[22] = 0xff;
        assert_eq!(fragment_of(&lying), None);
    }
}
