//! How loud a sound is, and how evenly frames come. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use super::audio::{CHANNELS, RATE};
use crate::clock::EngineTime;
use crate::figures::Level;

/// Samples of one reading, of each channel: a tenth of a second.
const WINDOW: usize = RATE as usize / 10;
/// A sound that says nothing for so long is silent.
const STALE: Duration = Duration::from_millis(300);
/// Frames are counted over this.
const SECOND: Duration = Duration::from_secs(1);
/// Intervals from which the usual one is known.
const USUAL: usize = 8;
/// Frames that come closer than this come in a heap, and say nothing about a rhythm.
const HEAP: Duration = Duration::from_millis(2);

/// Reads levels.
#[derive(Debug, Default)]
pub(super) struct Meter {
    peak: f32,
    power: f64,
    samples: usize,
    newest: Option<(Level, EngineTime)>,
}

impl Meter {
    /// Interleaved samples.
    pub(super) fn handle_samples(&mut self, samples: &[f32], now: EngineTime) {
        for sample in samples.iter().filter(|sample| sample.is_finite()) {
            self.peak = self.peak.max(sample.abs());
            self.power += f64::from(*sample) * f64::from(*sample);
        }
        self.samples += samples.len();
        if self.samples >= WINDOW * CHANNELS || self.newest.is_none() {
            let mean = (self.power / self.samples.max(1) as f64) as f32;
            self.newest = Some((Level { peak: decibels(self.peak), rms: decibels(mean.sqrt()) }, now));
            (self.peak, self.power, self.samples) = (0.0, 0.0, 0);
        }
    }

    /// The newest reading.
    pub(super) fn level(&self, now: EngineTime) -> Level {
        match self.newest {
            Some((level, at)) if now.saturating_sub(at) < STALE => level,
            Some(_) | None => Level::SILENCE,
        }
    }
}

fn decibels(of: f32) -> f32 {
    (20.0 * of.max(f32::MIN_POSITIVE).log10()).max(Level::SILENCE.peak)
}

/// Counts frames, and those that did not come.
#[derive(Debug, Default)]
pub(super) struct Beat {
    arrivals: VecDeque<EngineTime>,
    /// Due and not come, but perhaps only late: a machine that stood still hands over a heap.
    owed: u64,
    drop_outs: u64,
}

impl Beat {
    /// A frame came.
    pub(super) fn handle_frame(&mut self, now: EngineTime) {
        let interval = self.arrivals.back().map(|last| now.saturating_sub(*last));
        if let Some((interval, usual)) = interval.zip(self.usual()) {
            if interval < usual / 2 {
                self.owed = self.owed.saturating_sub(1);
            } else {
                self.drop_outs += std::mem::take(&mut self.owed);
            }
            // One frame that is late by chance is none that is missing.
            if interval > usual * 7 / 4 {
                let due = (interval + usual / 2).as_nanos() / usual.as_nanos().max(1);
                self.owed = u64::try_from(due.saturating_sub(1)).unwrap_or(0);
            }
        }
        self.arrivals.push_back(now);
        self.forget(now);
    }

    /// The mean of the last second's intervals that are like the one in the middle: neither a gap nor a heap moves it.
    fn usual(&self) -> Option<Duration> {
        let pairs = self.arrivals.iter().zip(self.arrivals.iter().skip(1));
        let mut intervals: Vec<_> = pairs.map(|(one, next)| next.saturating_sub(*one)).collect();
        let place = intervals.len() / 2;
        if intervals.len() < USUAL {
            return None;
        }
        let (_, &mut middle, _) = intervals.select_nth_unstable(place);
        let like = intervals.iter().filter(|one| **one >= middle / 2 && **one <= middle * 7 / 4);
        let (sum, count) = like.fold((Duration::ZERO, 0), |(sum, count), one| (sum + *one, count + 1));
        sum.checked_div(count).filter(|usual| *usual >= HEAP)
    }

    /// The source began anew: what lies between is no drop-out.
    pub(super) fn restart(&mut self) {
        self.arrivals.clear();
        self.owed = 0;
    }

    /// Frames of the last second.
    pub(super) fn frames_per_second(&self, now: EngineTime) -> u32 {
        let since = now.saturating_sub(SECOND);
        let recent = self.arrivals.iter().filter(|at| **at > since || now < SECOND).count();
        u32::try_from(recent).unwrap_or(u32::MAX)
    }

    /// Frames that did not come where one was due.
    pub(super) fn drop_outs(&self) -> u64 {
        self.drop_outs
    }

    fn forget(&mut self, now: EngineTime) {
        while self.arrivals.len() > 1
            && self.arrivals.front().is_some_and(|at| now.saturating_sub(*at) >= SECOND)
        {
            self.arrivals.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> EngineTime {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_sine_of_minus_six_reads_so_and_silence_after_it_is_silence() {
        let mut meter = Meter::default();
        for n in 0..20u64 {
            let tone: Vec<f32> = (0..960 * CHANNELS)
                .map(|i| 0.5 * ((i / CHANNELS) as f32 * std::f32::consts::TAU / 48.0).sin())
                .collect();
            meter.handle_samples(&tone, ms(n * 20));
        }
        let level = meter.level(ms(400));
        assert!((level.peak + 6.02).abs() < 0.1 && (level.rms + 9.03).abs() < 0.1, "{level:?}");
        assert_eq!(meter.level(ms(700)), Level::SILENCE);
    }

    #[test]
    fn missing_frames_are_counted_and_jitter_is_not() {
        let mut beat = Beat::default();
        for n in 0..120u64 {
            if !(60..63).contains(&n) {
                beat.handle_frame(Duration::from_micros(n * 16_667 + n * 7_919 % 5_000));
            }
        }
        assert_eq!(beat.drop_outs(), 3);
        let rate = beat.frames_per_second(Duration::from_micros(120 * 16_667));
        assert!((56..=58).contains(&rate), "{rate}");
        beat.restart();
        beat.handle_frame(ms(60_000));
        assert_eq!((beat.drop_outs(), beat.frames_per_second(ms(60_000))), (3, 1));
    }

    #[test]
    fn what_a_machine_that_stood_still_hands_over_in_a_heap_was_late_and_not_missing() {
        let mut beat = Beat::default();
        // Its first frames come in one, too.
        (0..10).for_each(|_| beat.handle_frame(ms(0)));
        let at = |n: u64| Duration::from_micros(n * 16_667);
        for n in 1..300u64 {
            let stands = (120..150).contains(&n);
            beat.handle_frame(if stands { at(150) } else { at(n) });
        }
        assert_eq!(beat.drop_outs(), 0);
    }
}
