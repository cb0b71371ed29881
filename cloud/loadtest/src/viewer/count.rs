//! What came and what is missing, by the sequence numbers that stand in clear in each packet (RFC 3550 5.1).

use std::collections::HashMap;

/// A viewer's packets, stream by stream.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    streams: HashMap<u32, Span>,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

#[derive(Debug)]
struct Span {
    first: i64,
    highest: i64,
    received: i64,
}

impl Counts {
    /// Takes note of a datagram, if it is RTP (RFC 7983 7, RFC 5761 4).
    pub(crate) fn take(&mut self, datagram: &[u8]) {
        let Some(&[first, second, s0, s1, _, _, _, _, c0, c1, c2, c3]) = datagram.first_chunk() else {
            return;
        };
        if !(128..=191).contains(&first) || (192..=223).contains(&second) {
            return;
        }
        self.packets += 1;
        self.bytes += datagram.len() as u64;
        let seq = u16::from_be_bytes([s0, s1]);
        let ssrc = u32::from_be_bytes([c0, c1, c2, c3]);
        let start = i64::from(seq);
        let span = self.streams.entry(ssrc).or_insert(Span { first: start, highest: start, received: 0 });
        let step = seq.wrapping_sub(span.highest as u16) as i16;
        let extended = span.highest + i64::from(step);
        span.highest = span.highest.max(extended);
        span.first = span.first.min(extended);
        span.received += 1;
    }

    /// Packets that were sent between the first and the last that came, and did not come.
    pub(crate) fn lost(&self) -> u64 {
        let missing = |span: &Span| (span.highest - span.first + 1 - span.received).max(0) as u64;
        self.streams.values().map(missing).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u16, ssrc: u32) -> Vec<u8> {
        let mut packet = vec![0x80, 102];
        packet.extend(seq.to_be_bytes());
        packet.extend([0; 4]);
        packet.extend(ssrc.to_be_bytes());
        packet
    }

    #[test]
    fn a_gap_is_counted_over_the_wrap_and_what_comes_late_is_not_missing() {
        let mut counts = Counts::default();
        for seq in [65_533, 65_534, 1, 0, 3] {
            counts.take(&packet(seq, 7));
        }
        // 65535 and 2.
        assert_eq!((counts.packets, counts.lost()), (5, 2));
        counts.take(&packet(9, 8));
        assert_eq!(counts.lost(), 2, "another stream begins where it likes");
    }

    #[test]
    fn what_is_not_rtp_is_not_counted() {
        let mut counts = Counts::default();
        for datagram in [&[0x80, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &[22; 40], &[0; 20], &[0x80]] {
            counts.take(datagram);
        }
        assert_eq!((counts.packets, counts.lost()), (0, 0));
    }
}
