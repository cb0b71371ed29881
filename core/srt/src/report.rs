//! What the counters mean between two looks at them, in words for a director.

use std::fmt;
use std::time::Duration;

use crate::{CallerStats, ConnectionStats};

/// How a path did between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathReport {
    /// Round trip now, zero while unknown.
    pub rtt: Duration,
    /// Packets that were missed on the way, in thousandths.
    pub lost_per_mille: u32,
    /// Packets that were sent again, in thousandths; each missed one up to twice, so that fewer are missed again.
    pub repeated_per_mille: u32,
    /// Packets that never came in time: the picture was damaged there.
    pub given_up: u64,
    /// The longest that anything ever waited behind a missed packet; the receiving end alone knows.
    pub longest_wait: Option<Duration>,
    /// What arrives, repetitions and headers included, in bits a second; zero while unknown.
    pub bits_per_second: u64,
}

/// How bad that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing is lost.
    Clean,
    /// What is lost is sent again, and nobody sees it.
    Mended,
    /// The picture is damaged.
    Damaged,
}

impl PathReport {
    /// How bad it is.
    pub const fn verdict(&self) -> Verdict {
        if self.given_up > 0 {
            Verdict::Damaged
        } else if self.lost_per_mille > 0 {
            Verdict::Mended
        } else {
            Verdict::Clean
        }
    }
}

impl CallerStats {
    /// How the path did since `before`, as the pushing end knows it: what its listener gave up it is not told.
    pub fn since(&self, before: &Self) -> PathReport {
        let repeated = self.repeated_packets.saturating_sub(before.repeated_packets);
        let sent = self.sent_packets.saturating_sub(before.sent_packets).saturating_sub(repeated);
        PathReport {
            rtt: self.rtt,
            lost_per_mille: per_mille(self.lost_packets.saturating_sub(before.lost_packets), sent),
            repeated_per_mille: per_mille(repeated, sent),
            given_up: self.dropped_packets.saturating_sub(before.dropped_packets),
            longest_wait: None,
            bits_per_second: self.received_bits_per_second,
        }
    }
}

impl ConnectionStats {
    /// How the path did since `before`, as the receiving end knows it.
    pub fn since(&self, before: &Self) -> PathReport {
        let given_up = self.dropped_packets.saturating_sub(before.dropped_packets);
        let passed = self.delivered_packets.saturating_sub(before.delivered_packets) + given_up;
        let repeated = self.repeated_packets.saturating_sub(before.repeated_packets);
        // A packet that was only late was not lost.
        let lost = self.lost_packets.saturating_sub(before.lost_packets).min(repeated + given_up);
        PathReport {
            rtt: self.rtt,
            lost_per_mille: per_mille(lost, passed),
            repeated_per_mille: per_mille(repeated, passed),
            given_up,
            longest_wait: Some(self.longest_hold),
            bits_per_second: self.bits_per_second,
        }
    }
}

/// At least one in a thousand where there was one at all.
fn per_mille(part: u64, whole: u64) -> u32 {
    let share = (part * 1000).div_ceil(whole.max(1)).min(1000);
    u32::try_from(share).unwrap_or(1000)
}

impl fmt::Display for PathReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rtt.is_zero() {
            write!(f, "round trip not known yet")?;
        } else {
            write!(f, "round trip {} ms", self.rtt.as_millis().max(1))?;
        }
        let lost = f64::from(self.lost_per_mille) / 10.0;
        match self.verdict() {
            Verdict::Clean => write!(f, ", nothing lost")?,
            Verdict::Mended => write!(f, ", {lost:.1} % of the packets lost on the way and sent again")?,
            Verdict::Damaged => write!(
                f,
                ", {lost:.1} % of the packets lost on the way, {} of them for good; \
                 the picture is damaged: lower the bitrate or take a better network",
                self.given_up
            )?,
        }
        match self.longest_wait.filter(|wait| !wait.is_zero()) {
            Some(wait) => {
                write!(f, " (behind a loss the stream waited {} ms at most)", wait.as_millis().max(1))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(31);

    #[test]
    fn the_pushing_end_says_what_was_sent_again_since_the_last_look() {
        let before = CallerStats {
            sent_packets: 500,
            repeated_packets: 100,
            lost_packets: 60,
            ..CallerStats::default()
        };
        let now =
            CallerStats { sent_packets: 1_595, repeated_packets: 195, lost_packets: 108, rtt: RTT, ..before };
        let report = now.since(&before);
        assert_eq!((report.lost_per_mille, report.repeated_per_mille), (48, 95));
        assert_eq!(report.verdict(), Verdict::Mended);
        assert_eq!(
            report.to_string(),
            "round trip 31 ms, 4.8 % of the packets lost on the way and sent again"
        );
        let clean = now.since(&now);
        assert_eq!(
            (clean.verdict(), clean.to_string().as_str()),
            (Verdict::Clean, "round trip 31 ms, nothing lost")
        );
    }

    #[test]
    fn the_receiving_end_says_when_the_picture_was_damaged_and_what_to_do() {
        let now = ConnectionStats {
            delivered_packets: 992,
            dropped_packets: 8,
            lost_packets: 120,
            repeated_packets: 200,
            longest_hold: Duration::from_millis(400),
            rtt: RTT,
            ..ConnectionStats::default()
        };
        let report = now.since(&ConnectionStats::default());
        assert_eq!(report.verdict(), Verdict::Damaged);
        assert_eq!(
            report.to_string(),
            "round trip 31 ms, 12.0 % of the packets lost on the way, 8 of them for good; the picture is damaged: \
             lower the bitrate or take a better network (behind a loss the stream waited 400 ms at most)"
        );
    }

    #[test]
    fn packets_that_only_came_late_are_no_loss() {
        let now = ConnectionStats { delivered_packets: 100, lost_packets: 30, ..ConnectionStats::default() };
        assert_eq!(now.since(&ConnectionStats::default()).verdict(), Verdict::Clean);
        assert_eq!(
            CallerStats::default().since(&CallerStats::default()).to_string(),
            "round trip not known yet, nothing lost"
        );
    }
}
