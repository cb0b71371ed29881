//! RTP packet headers (RFC 3550 5.1) with header extensions in the one-byte form (RFC 8285 4.2).

use crate::Ntp;

/// Marks the one-byte form.
const ONE_BYTE: [u8; 2] = [0xbe, 0xde];

/// Under which number the other end takes a header extension: 1 to 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionId(u8);

impl ExtensionId {
    /// `None` for what the one-byte form cannot say.
    pub fn new(id: u8) -> Option<Self> {
        (1..=14).contains(&id).then_some(Self(id))
    }
}

/// What of the header extensions the other end takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExtensionIds {
    /// The media section (RFC 9143 15).
    pub mid: Option<ExtensionId>,
    /// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    pub transport_seq: Option<ExtensionId>,
    /// How long a picture is held (webrtc.org, `playout-delay`).
    pub playout_delay: Option<ExtensionId>,
    /// When it was captured (webrtc.org, `abs-capture-time`).
    pub captured: Option<ExtensionId>,
}

/// The least and the longest that a picture is held, in units of 10 ms, 12 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlayoutDelay {
    /// Shown no sooner.
    pub min: u16,
    /// Shown no later, as far as the receiver can.
    pub max: u16,
}

/// What a header's extensions say; what the other end takes no number for is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    /// At most 16 bytes; a longer one is left out.
    pub mid: Option<&'a [u8]>,
    /// See [`ExtensionIds::transport_seq`].
    pub transport_seq: Option<u16>,
    /// See [`ExtensionIds::playout_delay`].
    pub playout_delay: Option<PlayoutDelay>,
    /// See [`ExtensionIds::captured`].
    pub captured: Option<Ntp>,
}

/// An RTP packet's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The last packet of a picture.
    pub marker: bool,
    /// Whether the payload ends in padding.
    pub padding: bool,
    /// 7 bits.
    pub payload_type: u8,
    /// The lower half of the extended sequence number.
    pub seq: u16,
    /// In the payload's clock.
    pub timestamp: u32,
    /// The stream.
    pub ssrc: u32,
}

impl Header {
    /// Appends the header; its length is a multiple of four.
    pub fn write(&self, ids: &ExtensionIds, extensions: &Extensions<'_>, to: &mut Vec<u8>) {
        let begin = to.len();
        to.push(0x80 | u8::from(self.padding) << 5);
        to.push(u8::from(self.marker) << 7 | self.payload_type & 0x7f);
        to.extend_from_slice(&self.seq.to_be_bytes());
        to.extend_from_slice(&self.timestamp.to_be_bytes());
        to.extend_from_slice(&self.ssrc.to_be_bytes());
        let fixed = to.len();
        to.extend_from_slice(&ONE_BYTE);
        to.extend_from_slice(&[0, 0]); // words that follow
        let body = to.len();
        extensions.write(ids, to);
        if to.len() == body {
            to.truncate(fixed);
            return;
        }
        let said = to.len().saturating_sub(body);
        let words = said.div_ceil(4);
        to.extend(std::iter::repeat_n(0, words.saturating_mul(4).saturating_sub(said)));
        if let (Some(first), Some(length)) = (to.get_mut(begin), u16::try_from(words).ok()) {
            *first |= 0x10;
            let at = body.saturating_sub(2);
            if let Some(field) = to.get_mut(at..body) {
                field.copy_from_slice(&length.to_be_bytes());
            }
        }
    }
}

impl Extensions<'_> {
    fn write(&self, ids: &ExtensionIds, to: &mut Vec<u8>) {
        if let (Some(id), Some(mid)) = (ids.mid, self.mid) {
            element(id, mid, to);
        }
        if let (Some(id), Some(seq)) = (ids.transport_seq, self.transport_seq) {
            element(id, &seq.to_be_bytes(), to);
        }
        if let (Some(id), Some(PlayoutDelay { min, max })) = (ids.playout_delay, self.playout_delay) {
            let both = u32::from(min & 0xfff) << 12 | u32::from(max & 0xfff);
            let [_, a, b, c] = both.to_be_bytes();
            element(id, &[a, b, c], to);
        }
        if let (Some(id), Some(Ntp(captured))) = (ids.captured, self.captured) {
            element(id, &captured.to_be_bytes(), to);
        }
    }
}

fn element(id: ExtensionId, data: &[u8], to: &mut Vec<u8>) {
    let Some(length) = data.len().checked_sub(1).and_then(|less| u8::try_from(less).ok()) else { return };
    if length < 16 {
        to.push(id.0 << 4 | length);
        to.extend_from_slice(data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        marker: true,
        padding: false,
        payload_type: 102,
        seq: 0x1234,
        timestamp: 0x0102_0304,
        ssrc: 0xa0b0_c0d0,
    };

    fn id(id: u8) -> Option<ExtensionId> {
        ExtensionId::new(id)
    }

    #[test]
    fn without_extensions_there_are_twelve_bytes() {
        let mut packet = vec![0xff; 3];
        let nothing_taken = ExtensionIds::default();
        let said = Extensions { transport_seq: Some(7), mid: Some(b"0"), ..Extensions::default() };
        HEADER.write(&nothing_taken, &said, &mut packet);
        assert_eq!(packet[3..], [0x80, 0xe6, 0x12, 0x34, 1, 2, 3, 4, 0xa0, 0xb0, 0xc0, 0xd0]);
    }

    #[test]
    fn extensions_follow_one_another_and_are_padded_to_a_word() {
        let ids = ExtensionIds { mid: id(4), transport_seq: id(3), playout_delay: id(5), captured: id(9) };
        let said = Extensions {
            mid: Some(b"0"),
            transport_seq: Some(0xbeef),
            playout_delay: Some(PlayoutDelay { min: 0x123, max: 0x456 }),
            captured: Some(Ntp(0x0102_0304_0506_0708)),
        };
        // Behind another packet, whose length is any.
        let mut packet = vec![0xff; 5];
        HEADER.write(&ids, &said, &mut packet);
        let packet = packet.split_off(5);
        assert_eq!(packet[0], 0x90);
        let words = [
            0xbe, 0xde, 0, 5, 0x40, b'0', 0x31, 0xbe, 0xef, 0x52, 0x12, 0x34, 0x56, 0x97, 1, 2, 3, 4, 5, 6,
            7, 8, 0, 0,
        ];
        assert_eq!(packet[12..], words);
    }

    #[test]
    fn numbers_and_names_that_the_form_cannot_say_are_left_out() {
        assert_eq!((id(0), id(15), id(16)), (None, None, None));
        let ids = ExtensionIds { mid: id(1), ..ExtensionIds::default() };
        for mid in [&b""[..], &[b'x'; 17]] {
            let mut packet = Vec::new();
            HEADER.write(&ids, &Extensions { mid: Some(mid), ..Extensions::default() }, &mut packet);
            assert_eq!(packet.len(), 12);
        }
        let mut packet = Vec::new();
        HEADER.write(&ids, &Extensions { mid: Some(&[b'x'; 16]), ..Extensions::default() }, &mut packet);
        assert_eq!(packet.len(), 12 + 4 + 20);
    }
}
