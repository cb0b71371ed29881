//! When a picture that came back was captured: `abs-capture-time` in the header of an RTP packet (RFC 8285), and what
//! follows from it. Pure.
//!
//! Refuses to guess: without a capture time, or without knowing how far the two clocks are apart, there is no delay.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::collections::VecDeque;
use std::time::Duration;

/// <http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time>
pub(super) const CAPTURE_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
/// Its number in our offers.
pub(super) const CAPTURE_TIME_ID: u8 = 5;
/// From 1900, where NTP begins, to 1970, in seconds.
const NTP_TO_UNIX: u64 = 2_208_988_800;
/// Captures that wait for their picture: a decoder holds a few.
const WAITING: usize = 64;
/// Packets of one picture have one time; pictures are 16 ms apart.
const SAME: Duration = Duration::from_millis(5);

/// The capture time of an RTP packet, in µs since 1970 by the sender's clock.
pub(super) fn capture_time(packet: &[u8]) -> Option<u64> {
    let first = *packet.first()?;
    // RFC 3550 5.1: V, P, X, CC.
    if first >> 6 != 2 || first & 0x10 == 0 {
        return None;
    }
    let sources = usize::from(first & 0x0f).checked_mul(4)?;
    let (head, rest) = packet.get(sources.checked_add(12)?..)?.split_at_checked(4)?;
    let profile = u16::from_be_bytes([*head.first()?, *head.get(1)?]);
    let words = u16::from_be_bytes([*head.get(2)?, *head.get(3)?]);
    let elements = rest.get(..usize::from(words).checked_mul(4)?)?;
    let value = element(profile, elements, CAPTURE_TIME_ID)?;
    // UQ32.32: seconds and their fraction, since 1900.
    let stamp = u64::from_be_bytes(*value.first_chunk::<8>()?);
    let seconds = (stamp >> 32).checked_sub(NTP_TO_UNIX)?;
    let micros = (stamp & 0xffff_ffff).checked_mul(1_000_000)? >> 32;
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

/// RFC 8285 4.2 (profile 0xBEDE) and 4.3 (0x100x).
fn element(profile: u16, mut elements: &[u8], wanted: u8) -> Option<&[u8]> {
    let short = profile == 0xbede;
    if !short && profile & 0xfff0 != 0x1000 {
        return None;
    }
    loop {
        let (first, rest) = elements.split_first()?;
        if *first == 0 {
            elements = rest; // padding
            continue;
        }
        let (id, length, rest) = if short {
            (first >> 4, usize::from(first & 0x0f).checked_add(1)?, rest)
        } else {
            let (length, rest) = rest.split_first()?;
            (*first, usize::from(*length), rest)
        };
        let (value, rest) = rest.split_at_checked(length)?;
        match id {
            15 if short => return None,
            _ if id == wanted => return Some(value),
            _ => elements = rest,
        }
    }
}

/// What the cloud thinks of our clock moves by a few ms with each of its questions, one in two seconds.
const MEAN_OF: usize = 5;

/// A second of pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Second {
    /// How many came.
    pub(super) pictures: u32,
    /// From capture to decoded, in ms, the mean of the last [`MEAN_OF`] seconds; absent: nobody can say.
    pub(super) delay_ms: Option<u32>,
}

/// Which picture was captured when.
#[derive(Debug, Default)]
pub(super) struct Captures {
    waiting: VecDeque<(Duration, u64)>,
    pictures: u32,
    delays: Delays,
    /// Of the seconds before, the newest last.
    before: VecDeque<Delays>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Delays {
    sum_us: i64,
    count: u32,
}

impl Captures {
    /// A packet of the picture at `time` says that it was captured at `captured_us`.
    pub(super) fn handle_packet(&mut self, time: Duration, captured_us: u64) {
        if self.waiting.back().is_some_and(|(newest, _)| newest.abs_diff(time) < SAME) {
            return;
        }
        if self.waiting.len() == WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back((time, captured_us));
    }

    /// The picture at `time` is decoded; the sender takes our clock to be `ahead_us` ahead of its own.
    pub(super) fn handle_picture(&mut self, time: Duration, now_us: u64, ahead_us: Option<i64>) {
        self.pictures = self.pictures.saturating_add(1);
        let found = self.waiting.iter().position(|(of, _)| of.abs_diff(time) < SAME);
        let captured = found.and_then(|at| self.waiting.drain(..=at).next_back());
        let (Some((_, captured_us)), Some(ahead_us)) = (captured, ahead_us) else { return };
        let ours = captured_us.saturating_add_signed(ahead_us);
        // Below nothing, where the cloud is mistaken about our clock: the mean is right only with these in it.
        let delay = i128::from(now_us).saturating_sub(i128::from(ours));
        let Ok(delay) = i64::try_from(delay) else { return };
        self.delays.sum_us = self.delays.sum_us.saturating_add(delay);
        self.delays.count = self.delays.count.saturating_add(1);
    }

    /// What came since it was asked last, a second ago.
    pub(super) fn take(&mut self) -> Second {
        if self.before.len() == MEAN_OF {
            self.before.pop_front();
        }
        self.before.push_back(std::mem::take(&mut self.delays));
        let all = self.before.iter().fold(Delays::default(), |all, second| Delays {
            sum_us: all.sum_us.saturating_add(second.sum_us),
            count: all.count.saturating_add(second.count),
        });
        let mean = all.sum_us.checked_div(i64::from(all.count));
        let delay_ms = mean.and_then(|us| u32::try_from(us.max(0) / 1_000).ok());
        Second { pictures: std::mem::take(&mut self.pictures), delay_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_US: u64 = 1_763_856_000_250_000;

    fn packet(profile: u16, elements: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x91, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 9]; // one contributing source
        packet.extend(profile.to_be_bytes());
        packet.extend(u16::try_from(elements.len() / 4).unwrap().to_be_bytes());
        packet.extend(elements);
        packet
    }

    fn stamp() -> [u8; 8] {
        let seconds = AT_US / 1_000_000 + NTP_TO_UNIX;
        (seconds << 32 | 1 << 30).to_be_bytes() // a quarter of a second
    }

    #[test]
    fn the_capture_time_is_read_from_headers_of_either_length() {
        let mut short = vec![0x10, 0xaa, 0, CAPTURE_TIME_ID << 4 | 7];
        short.extend(stamp());
        assert_eq!(capture_time(&packet(0xbede, &short)), Some(AT_US));
        let mut long = vec![1, 1, 0xaa, CAPTURE_TIME_ID, 8];
        long.extend(stamp());
        long.extend([0, 0, 0]);
        assert_eq!(capture_time(&packet(0x1000, &long)), Some(AT_US));
    }

    #[test]
    fn no_packet_however_cut_is_more_than_no_capture_time() {
        let mut short = vec![CAPTURE_TIME_ID << 4 | 7];
        short.extend(stamp());
        short.extend([0, 0, 0]);
        let whole = packet(0xbede, &short);
        assert_eq!(capture_time(&whole), Some(AT_US));
        for cut in 0..whole.len() {
            assert_eq!(capture_time(whole.get(..cut).unwrap()), None, "{cut}");
        }
        assert_eq!(capture_time(&packet(0xbede, &[0xf0, 0, 0, 0])), None, "15 ends the list");
        assert_eq!(capture_time(&packet(0x1234, &short)), None);
    }

    #[test]
    fn a_delay_is_from_the_capture_by_our_clock_to_the_decoded_picture() {
        let mut captures = Captures::default();
        let at = |n: u32| Duration::from_millis(17) * n;
        for n in 0..3 {
            captures.handle_packet(at(n), AT_US);
            captures.handle_packet(at(n), AT_US + 1); // another packet of the same picture
        }
        // Our clock is 4 s ahead; the second picture was lost on the way to the screen.
        captures.handle_picture(at(0), AT_US + 4_080_000, Some(4_000_000));
        captures.handle_picture(at(2), AT_US + 4_120_000, Some(4_000_000));
        assert_eq!(captures.take(), Second { pictures: 2, delay_ms: Some(100) });
        // The cloud is mistaken by more than it took: the mean stays true.
        for (n, mistake) in [(3, -300_000), (4, 300_000)] {
            captures.handle_packet(at(n), AT_US);
            captures.handle_picture(at(n), AT_US + 4_100_000, Some(4_000_000 + mistake));
        }
        assert_eq!(captures.take(), Second { pictures: 2, delay_ms: Some(100) });
    }

    #[test]
    fn what_is_not_known_is_not_said_and_what_is_old_is_forgotten() {
        let mut captures = Captures::default();
        captures.handle_packet(Duration::ZERO, AT_US);
        captures.handle_picture(Duration::ZERO, AT_US, None);
        assert_eq!(captures.take(), Second { pictures: 1, delay_ms: None });
        captures.handle_packet(Duration::from_secs(1), AT_US);
        captures.handle_picture(Duration::from_secs(1), AT_US + 40_000, Some(0));
        for _ in 0..MEAN_OF {
            assert_eq!(captures.take().delay_ms, Some(40));
        }
        assert_eq!(captures.take(), Second::default());
    }
}
