//! How old what another machine says is, though its clock need not agree with ours.
//!
//! Refuses the wall clock, which is set: both ends count from a moment of their own ([`crate::clock::run_us`]), and all
//! that is kept is how those two counts stand to each other, as far as that is certain. Invariant: what stood somewhere
//! is found to be old, however long it stood.

use std::time::{Duration, Instant};

/// Two quartz clocks part by some 100 µs a second, one that is being corrected by 500: what was measured says less by
/// one part in so many as it ages.
const DRIFT: i64 = 1_000;
/// So long after the last measurement nothing is known any more that would help.
const FORGOTTEN: Duration = Duration::from_secs(3_600);

/// The least of what was measured, in µs, as it is still certain.
#[derive(Debug, Default)]
struct Least(Option<(Instant, i64)>);

impl Least {
    fn at(&self, now: Instant) -> Option<i64> {
        let (measured, least) = self.0?;
        let since = i64::try_from(now.saturating_duration_since(measured).as_micros()).unwrap_or(i64::MAX);
        Some(least.saturating_add(since / DRIFT))
    }

    fn take(&mut self, measured: i64, now: Instant) -> i64 {
        match self.at(now) {
            Some(least) if least < measured => least,
            Some(_) | None => {
                self.0 = Some((now, measured));
                measured
            }
        }
    }
}

/// Of one server's parcels: the fastest took the way itself, and no more; whatever another took beyond that it stood
/// somewhere. What the fastest one took is not seen: on a network of servers some milliseconds.
#[derive(Debug, Default)]
pub(in crate::relay) struct Lateness(Least);

impl Lateness {
    /// How much longer than the fastest this one took, and what it tells since `said_us` of its sender's clock.
    pub(in crate::relay) fn of(
        &mut self,
        sent_us: u64,
        said_us: u64,
        heard_us: u64,
        now: Instant,
    ) -> Duration {
        let least = self.0.take(difference(heard_us, sent_us), now);
        micros(difference(heard_us, said_us).saturating_sub(least))
    }

    /// Nothing was heard for so long that the next parcel is the first again.
    pub(in crate::relay) fn is_forgotten(&self, now: Instant) -> bool {
        self.0.0.is_none_or(|(measured, _)| now.saturating_duration_since(measured) > FORGOTTEN)
    }
}

/// Of a director's words: it read its clock after it was asked, so its clock is ahead of ours by no more than that; and
/// a word is at most as old as that makes it, which is too old by the answer's way here at most.
#[derive(Debug, Default)]
pub(in crate::relay) struct Age(Least);

impl Age {
    /// Asked at `asked_us` of our clock, it read `theirs_us` on its own.
    pub(in crate::relay) fn handle_answer(&mut self, asked_us: u64, theirs_us: u64, now: Instant) {
        self.0.take(difference(theirs_us, asked_us), now);
    }

    /// How old at most what was said at `said_us` is; nothing before the first answer.
    pub(in crate::relay) fn of(&self, said_us: u64, heard_us: u64, now: Instant) -> Option<Duration> {
        Some(micros(difference(heard_us, said_us).saturating_add(self.0.at(now)?)))
    }
}

fn difference(a_us: u64, b_us: u64) -> i64 {
    let difference = i128::from(a_us) - i128::from(b_us);
    i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
}

fn micros(us: i64) -> Duration {
    Duration::from_micros(u64::try_from(us).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_stood_somewhere_is_as_old_as_it_is_whatever_the_clocks_say() {
        let begin = Instant::now();
        for ahead_us in [0_i64, 3_600_000_000, -5_000_000] {
            let mut lateness = Lateness::default();
            let mut heard = |at_ms: u32, took_ms: u64, waited_ms: u64| {
                let sent_us = 1_800_000_000_000 + u64::from(at_ms) * 1_000;
                let heard_us = sent_us.saturating_add_signed(ahead_us) + took_ms * 1_000;
                let now = begin + Duration::from_millis(at_ms.into()) + Duration::from_millis(took_ms);
                lateness.of(sent_us, sent_us - waited_ms * 1_000, heard_us, now).as_millis()
            };
            assert_eq!(heard(0, 9, 0), 0, "the first is the fastest so far");
            assert_eq!(heard(1_000, 2, 0), 0);
            assert_eq!(
                heard(2_000, 5, 0),
                1,
                "3 ms, less the millisecond that the clocks may have parted by"
            );
            assert_eq!(heard(3_000, 2_402, 0), 2_395, "the bus stood still");
            assert_eq!(heard(3_100, 2_302, 0), 2_295, "and so did what came behind");
            assert_eq!(heard(7_000, 2, 5_000), 5_000, "it waited for the bus before it was sent");
            assert_eq!(heard(8_000, 900_000, 0), 899_097, "for a quarter of an hour");
        }
    }

    #[test]
    fn a_directors_word_is_never_taken_for_newer_than_it_is() {
        let (begin, ours_us) = (Instant::now(), 40_000_000);
        for theirs_us in [0_u64, 7_000_000_000] {
            let mut age = Age::default();
            assert_eq!(age.of(theirs_us, ours_us, begin), None, "nobody has asked yet");
            // Asked; it answers after 20 ms of way, and that is heard after 30 more.
            age.handle_answer(ours_us, theirs_us + 20_000, begin);
            let heard = |said_after_ms: u64, heard_after_ms: u64| {
                let now = begin + Duration::from_millis(heard_after_ms);
                let (said, heard) = (theirs_us + said_after_ms * 1_000, ours_us + heard_after_ms * 1_000);
                age.of(said, heard, now).unwrap().as_millis()
            };
            assert_eq!(heard(100, 130), 50, "30 it is, and the 20 that the question took");
            assert_eq!(heard(100, 1_900), 1_821, "the server stood still");
            assert_eq!(heard(100, 600_000), 600_520, "for ten minutes");
            // An answer that stood in the socket says less than the one before, and changes nothing.
            age.handle_answer(ours_us, theirs_us + 5_000_000, begin + 5 * SECOND);
            assert_eq!(
                age.of(theirs_us + 5_000_000, ours_us + 5_030_000, begin + 5 * SECOND),
                Some(Duration::from_millis(55))
            );
        }
    }
}
