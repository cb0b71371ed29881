//! A publisher's timeline laid onto this machine's clock, for sender reports and capture times.
//!
//! A line and not a list: sound and picture are placed on the same one, so they stay together whatever jitter
//! each unit had on its way.

use std::time::{Duration, Instant};

use returnfeed_protocol::MediaTime;

/// A unit this far off the line says that the publisher's timeline was set anew.
const JUMP: Duration = Duration::from_millis(250);
/// How fast the line follows: about one second at 60 frames a second.
const FOLLOW: u32 = 64;
/// Who says nothing about capture may only be late, never early: an earlier unit is nearer to the truth.
const FOLLOW_EARLIER: u32 = 8;

/// The line of one connection.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    base: Option<(MediaTime, Instant)>,
}

impl Timeline {
    /// Places a picture that arrived at `arrived` and, as its stamps say, was captured at `captured`.
    pub(crate) fn place_video(
        &mut self,
        pts: MediaTime,
        arrived: Instant,
        captured: Option<Instant>,
    ) -> Instant {
        let seen = captured.unwrap_or(arrived);
        let on_line = self.on_line(pts).filter(|line| distance(*line, seen) <= JUMP);
        let Some(line) = on_line else {
            self.base = Some((pts, seen));
            return seen;
        };
        let corrected = match (seen >= line, captured) {
            (true, _) => line + (seen - line) / FOLLOW,
            (false, Some(_)) => line - (line - seen) / FOLLOW,
            (false, None) => line - (line - seen) / FOLLOW_EARLIER,
        };
        self.base = Some((pts, corrected));
        corrected.min(arrived)
    }

    /// Places a sound on the pictures' line; where there is none, on its own.
    pub(crate) fn place_audio(&mut self, pts: MediaTime, arrived: Instant) -> Instant {
        match self.on_line(pts).filter(|line| distance(*line, arrived) <= 8 * JUMP) {
            Some(line) => line.min(arrived),
            None => {
                self.base = Some((pts, arrived));
                arrived
            }
        }
    }

    fn on_line(&self, pts: MediaTime) -> Option<Instant> {
        let (base_pts, base) = self.base?;
        if pts >= base_pts {
            base.checked_add(span(pts.0 - base_pts.0))
        } else {
            base.checked_sub(span(base_pts.0 - pts.0))
        }
    }
}

fn span(ticks: u64) -> Duration {
    Duration::from_nanos(
        u64::try_from(u128::from(ticks) * 1_000_000_000 / u128::from(MediaTime::HZ)).unwrap_or(u64::MAX),
    )
}

fn distance(a: Instant, b: Instant) -> Duration {
    a.saturating_duration_since(b).max(b.saturating_duration_since(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn sound_and_picture_of_one_moment_are_placed_together() {
        let begin = Instant::now();
        let mut timeline = Timeline::default();
        for n in 0..120 {
            let arrived = begin + ms(n * 20 + 25 + n % 7);
            timeline.place_video(MediaTime(900_000 + n * 1_800), arrived, Some(begin + ms(n * 20)));
        }
        let sound = timeline.place_audio(MediaTime(900_000 + 120 * 1_800), begin + ms(120 * 20 + 70));
        assert!(distance(sound, begin + ms(120 * 20)) < ms(1));
    }

    #[test]
    fn without_stamps_the_earliest_arrivals_make_the_line() {
        let begin = Instant::now();
        let mut timeline = Timeline::default();
        let mut placed = begin;
        for n in 0..600 {
            let jitter = if n % 4 == 0 { 0 } else { 12 };
            placed = timeline.place_video(MediaTime(n * 1_800), begin + ms(n * 20 + jitter), None);
        }
        assert!(distance(placed, begin + ms(599 * 20)) < ms(7), "{:?}", placed - begin);
    }

    #[test]
    fn a_timeline_set_anew_is_followed_at_once() {
        let begin = Instant::now();
        let mut timeline = Timeline::default();
        timeline.place_video(MediaTime(9_000_000), begin, None);
        assert_eq!(timeline.place_video(MediaTime(0), begin + ms(20), None), begin + ms(20));
        assert_eq!(timeline.place_audio(MediaTime(900), begin + ms(40)), begin + ms(30));
    }

    #[test]
    fn nothing_is_ever_placed_in_the_future() {
        let begin = Instant::now();
        let mut timeline = Timeline::default();
        timeline.place_video(MediaTime(0), begin, None);
        let early = timeline.place_video(MediaTime(18_000), begin + ms(50), None);
        assert!(early <= begin + ms(50));
    }
}
