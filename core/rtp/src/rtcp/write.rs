//! Sender reports, each with its stream's name, and goodbyes.

use super::kind;
use crate::Ntp;

/// A source description item: the canonical name (RFC 3550 6.5.1).
const CNAME: u8 = 1;

/// What a stream has sent, and which timestamp this moment has on it (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderReport {
    /// The stream.
    pub ssrc: u32,
    /// The moment.
    pub wall: Ntp,
    /// The same moment in the payload's clock.
    pub timestamp: u32,
    /// Packets sent, modulo 2^32.
    pub packets: u32,
    /// Bytes of payload sent, modulo 2^32.
    pub octets: u32,
}

/// Appends one compound packet: the reports, and that all of them are of `name` (cut at 255 bytes).
pub fn write_sender_reports(reports: &[SenderReport], name: &str, to: &mut Vec<u8>) {
    for report in reports {
        head(0, kind::SENDER_REPORT, 6, to);
        to.extend_from_slice(&report.ssrc.to_be_bytes());
        to.extend_from_slice(&report.wall.0.to_be_bytes());
        to.extend_from_slice(&report.timestamp.to_be_bytes());
        to.extend_from_slice(&report.packets.to_be_bytes());
        to.extend_from_slice(&report.octets.to_be_bytes());
    }
    let name = name.as_bytes().get(..255).unwrap_or(name.as_bytes());
    // Source, item, length, name, at least one zero, padded to a word.
    let item = name.len().saturating_add(2);
    let words = item.saturating_add(4) / 4;
    for report in reports {
        let Ok(length) = u16::try_from(words.saturating_add(1)) else { return };
        head(1, kind::DESCRIPTION, length, to);
        to.extend_from_slice(&report.ssrc.to_be_bytes());
        to.push(CNAME);
        to.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        to.extend_from_slice(name);
        let padding = words.saturating_mul(4).saturating_sub(item);
        to.extend(std::iter::repeat_n(0, padding));
    }
}

/// Appends that these streams end (RFC 3550 6.6), 31 at most.
pub fn write_goodbye(streams: &[u32], to: &mut Vec<u8>) {
    let streams = streams.get(..31).unwrap_or(streams);
    if let Ok(count) = u8::try_from(streams.len()) {
        head(count, kind::GOODBYE, u16::from(count), to);
        streams.iter().for_each(|ssrc| to.extend_from_slice(&ssrc.to_be_bytes()));
    }
}

fn head(count: u8, kind: u8, words: u16, to: &mut Vec<u8>) {
    to.extend_from_slice(&[0x80 | count & 0x1f, kind]);
    to.extend_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_and_its_name_are_one_compound() {
        let report = SenderReport {
            ssrc: 1,
            wall: Ntp(0x0203_0405_0607_0809),
            timestamp: 10,
            packets: 11,
            octets: 12,
        };
        let mut packet = Vec::new();
        write_sender_reports(&[report], "abc", &mut packet);
        let (report, description) = packet.split_at(28);
        assert_eq!(
            report,
            [0x80, 200, 0, 6, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 12]
        );
        assert_eq!(description, [0x81, 202, 0, 3, 0, 0, 0, 1, 1, 3, b'a', b'b', b'c', 0, 0, 0]);
        for length in 0..20 {
            let mut packet = Vec::new();
            let any = SenderReport { ssrc: 1, wall: Ntp(0), timestamp: 0, packets: 0, octets: 0 };
            write_sender_reports(&[any], &"x".repeat(length), &mut packet);
            let words = usize::from(u16::from_be_bytes([packet[30], packet[31]]));
            assert_eq!(packet.len(), 28 + 4 + words * 4, "a name of {length}");
            assert_eq!(packet.last(), Some(&0), "a name of {length} ends in a zero");
        }
    }

    #[test]
    fn a_goodbye_names_its_streams() {
        let mut packet = Vec::new();
        write_goodbye(&[1, 2], &mut packet);
        assert_eq!(packet, [0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
    }
}
