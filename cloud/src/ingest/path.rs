//! How the way of a push does, looked at every ten seconds.
//!
//! Pure: the loop brings the counters and the time, and tells who wants to know.

use std::time::{Duration, Instant};

use returnfeed_protocol::Problem;
use returnfeed_srt::{ConnectionStats, PathReport, Verdict};

/// As often as the pushing end looks at its own counters.
const LOOK: Duration = Duration::from_secs(10);
/// The stable code of a picture that the way here damaged.
pub(super) const PACKETS_DROPPED: &str = "packets_dropped";

/// One connection's counters at the last look.
pub(super) struct Path {
    looked: Instant,
    seen: ConnectionStats,
}

impl Path {
    /// A connection that begins now.
    pub(super) fn new(now: Instant) -> Self {
        Self { looked: now, seen: ConnectionStats::default() }
    }

    /// How the way did since the last look, when the next one is due.
    pub(super) fn look(&mut self, stats: ConnectionStats, now: Instant) -> Option<PathReport> {
        if now.saturating_duration_since(self.looked) < LOOK {
            return None;
        }
        let report = stats.since(&self.seen);
        *self = Self { looked: now, seen: stats };
        Some(report)
    }
}

/// What the director reads of it; nothing where everything lost came again in time.
pub(super) fn problem(report: &PathReport) -> Option<Problem> {
    (report.verdict() == Verdict::Damaged).then(|| Problem {
        status: 408,
        code: PACKETS_DROPPED.to_owned(),
        title: "The picture was damaged on the way to the cloud".to_owned(),
        detail: format!("the way to the cloud was bad in the last {} s: {report}", LOOK.as_secs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(delivered_packets: u64, dropped_packets: u64) -> ConnectionStats {
        ConnectionStats {
            delivered_packets,
            dropped_packets,
            lost_packets: dropped_packets,
            rtt: Duration::from_millis(31),
            ..ConnectionStats::default()
        }
    }

    #[test]
    fn each_look_comes_after_ten_seconds_and_speaks_of_those_alone() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut path = Path::new(begin);
        assert_eq!(path.look(counted(500, 4), at(9_999)), None);
        let bad = path.look(counted(992, 8), at(10_000)).unwrap();
        assert_eq!((bad.given_up, bad.lost_per_mille), (8, 8));
        assert_eq!(path.look(counted(1_500, 8), at(19_999)), None);
        let good = path.look(counted(2_000, 8), at(20_250)).unwrap();
        assert_eq!((good.given_up, good.lost_per_mille), (0, 0));
        assert_eq!(path.look(counted(2_000, 9), at(30_249)), None);
    }

    #[test]
    fn the_director_reads_of_what_was_given_up_and_not_of_what_came_again() {
        let bad = counted(992, 8).since(&ConnectionStats::default());
        let told = problem(&bad).unwrap();
        assert_eq!(told.code, "packets_dropped");
        assert_eq!(
            told.detail,
            "the way to the cloud was bad in the last 10 s: round trip 31 ms, 0.8 % of the packets lost on the way, \
             8 of them for good; the picture is damaged: lower the bitrate or take a better network"
        );
        let mended = ConnectionStats { lost_packets: 90, repeated_packets: 120, ..counted(1_000, 0) };
        let mended = mended.since(&ConnectionStats::default());
        assert_eq!((mended.verdict(), problem(&mended)), (Verdict::Mended, None));
    }
}
