//! One viewer's audio: passed through, on one line of sequence numbers and timestamps.

use std::time::Instant;

use returnfeed_protocol::MediaTime;

use crate::timeline::Rebase;

/// RTP clock of Opus (RFC 7587 4.1).
const HZ: u32 = 48_000;
/// The shortest Opus frame, 2.5 ms, in samples: all durations are multiples of it (RFC 6716 2).
const GRID: u32 = 120;
/// How far rounding between clocks can move a timestamp, in samples.
const ROUNDING: u32 = 4;

/// How an Opus packet goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentAudio {
    /// Its sequence number, extended.
    pub seq: u64,
    /// Its RTP timestamp.
    pub timestamp: u32,
}

/// One viewer's audio stream. A layer switch does not touch it.
#[derive(Debug, Clone)]
pub struct AudioStream {
    next_seq: u64,
    timeline: Rebase,
    last: Option<u32>,
}

impl AudioStream {
    /// A stream that has sent nothing; the numbers as for [`crate::VideoStream::new`].
    pub fn new(first_seq: u16, first_timestamp: u32) -> Self {
        Self { next_seq: u64::from(first_seq), timeline: Rebase::new(u64::from(first_timestamp)), last: None }
    }

    /// Numbers one packet. A gap in `pts` stays a gap in the timestamp, so that the decoder conceals it.
    pub fn send(&mut self, pts: MediaTime, at: Instant) -> SentAudio {
        let seq = self.next_seq;
        self.next_seq += 1;
        let exact = MediaTime(self.timeline.map(pts, at).0).rtp(HZ);
        let timestamp = self.last.map_or(exact, |last| on_grid(last, exact));
        self.last = Some(timestamp);
        SentAudio { seq, timestamp }
    }
}

/// Takes back what rounding from 90 kHz did: a step within four samples of a whole number of frames is one. Sound whose
/// time went out already, as a publisher that starts over or another layer's may bring, follows by the shortest frame:
/// two packets of one time are one to a receiver.
fn on_grid(last: u32, exact: u32) -> u32 {
    let step = exact.wrapping_sub(last);
    if step.cast_signed() < GRID.cast_signed() - ROUNDING.cast_signed() {
        return last.wrapping_add(GRID);
    }
    let whole = step.wrapping_add(GRID / 2) / GRID * GRID;
    if whole.abs_diff(step) <= ROUNDING { last.wrapping_add(whole) } else { exact }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn steps_are_whole_frames_although_the_publisher_rounds() {
        let begin = Instant::now();
        let mut stream = AudioStream::new(9, u32::MAX - 1_000);
        let mut last = stream.send(MediaTime(0), begin).timestamp;
        for n in 1..1_000_u64 {
            let pts = MediaTime(n * 1_800 + n % 3);
            let sent = stream.send(pts, begin + Duration::from_millis(n * 20));
            assert_eq!(sent.timestamp.wrapping_sub(last), 960, "packet {n}");
            assert_eq!(sent.seq, 9 + n);
            last = sent.timestamp;
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn sound_whose_time_went_out_already_follows_by_the_shortest_frame_until_it_has_caught_up() {
        let begin = Instant::now();
        let mut stream = AudioStream::new(0, 7);
        let at = |n: u64| (MediaTime(90_000 + n * 1_800), begin + Duration::from_millis(n * 20));
        let mut timestamps = Vec::new();
        for n in [0, 1, 2, 1, 1, 2, 3, 4] {
            let (pts, moment) = at(n);
            timestamps.push(stream.send(pts, moment).timestamp);
        }
        let first = timestamps[0];
        let since: Vec<u32> = timestamps.iter().map(|timestamp| timestamp.wrapping_sub(first)).collect();
        assert_eq!(since, [0, 960, 1_920, 2_040, 2_160, 2_280, 2_880, 3_840]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
    fn a_lost_packet_leaves_its_time() {
        let begin = Instant::now();
        let mut stream = AudioStream::new(0, 0);
        stream.send(MediaTime(0), begin);
        let after = stream.send(MediaTime(3_600), begin + Duration::from_millis(40));
        assert_eq!(after, SentAudio { seq: 1, timestamp: 1_920 });
    }
}
