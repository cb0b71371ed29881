//! The programme's sound: one unbroken line of 20 ms frames at 48 kHz stereo, whatever the sources do. Pure.
//!
//! Sound follows picture. Refuses to stretch or filter: samples are counted, a source more than [`RESYNC`] off its
//! time is moved there at once, and where no source speaks there is silence. Invariant: frame n begins exactly
//! n x 20 ms after the first.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::EngineTime;

/// Samples a second, of each channel.
pub const RATE: u64 = 48_000;
/// Channels, interleaved.
pub const CHANNELS: usize = 2;
/// Samples of one frame, of each channel: one Opus packet.
pub const FRAME: usize = 960;
/// How far a source may drift from its own timestamps before it is moved: below what one sees on lips.
const RESYNC: u64 = RATE * 40 / 1_000;
/// While a source speaks, its next sound may be this late before silence takes its place.
const PATIENCE: Duration = Duration::from_millis(60);
/// A source silent for this long is not waited for any more: its picture must not wait for its sound.
const GONE_AFTER: Duration = Duration::from_millis(250);
/// Samples over which sound comes in or goes out where it begins, breaks or ends: no click.
const FADE: usize = 240;

/// One frame of programme sound.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioFrame {
    /// When its first sample was heard.
    pub at: EngineTime,
    /// [`FRAME`] samples of [`CHANNELS`] each.
    pub samples: Vec<f32>,
}

/// The line of sound.
#[derive(Debug)]
pub(super) struct AudioLine {
    origin: EngineTime,
    /// Samples that have left since `origin`.
    left: u64,
    /// Interleaved samples that follow `left`.
    waiting: VecDeque<f32>,
    heard: Option<EngineTime>,
    /// Whether the sound that waits lies where its timestamps say.
    aligned: bool,
    /// Samples yet to be faded in.
    fade_in: usize,
    last: [f32; CHANNELS],
}

impl AudioLine {
    /// A line that begins now, in silence.
    pub(super) fn new(now: EngineTime) -> Self {
        Self {
            origin: now,
            left: 0,
            waiting: VecDeque::new(),
            heard: None,
            aligned: false,
            fade_in: FADE,
            last: [0.0; CHANNELS],
        }
    }

    /// A line that is as far as this one, in silence.
    pub(super) fn beside(&self) -> Self {
        Self { left: self.left, ..Self::new(self.origin) }
    }

    /// Another source speaks from now on: what waits of the old one is faded out.
    pub(super) fn cut(&mut self) {
        let keep = (FADE * CHANNELS).min(self.waiting.len());
        self.waiting.truncate(keep);
        for (n, sample) in self.waiting.iter_mut().enumerate() {
            *sample *= 1.0 - (n / CHANNELS) as f32 / FADE as f32;
        }
        if keep > 0 {
            self.last = [0.0; CHANNELS];
        }
        self.heard = None;
        self.aligned = false;
        self.fade_in = FADE;
    }

    /// Sound of the programme source, whose first sample belongs to `at`.
    pub(super) fn handle_samples(&mut self, at: EngineTime, samples: &[f32], now: EngineTime) {
        let mut samples = &samples[..samples.len() / CHANNELS * CHANNELS];
        self.heard = Some(now);
        // Whatever a source's clock says, its sound is heard: never later than the line waits, nor a second early.
        let length = Self::duration(samples.len() / CHANNELS);
        let at = at.max(now.saturating_sub(length + PATIENCE)).min(now + Duration::from_secs(1));
        let belongs = self.position(at);
        let end = self.left + self.waiting_samples();
        let tolerated = if self.aligned { RESYNC } else { 0 };
        if belongs > end + tolerated {
            self.fill((belongs - end) as usize);
            self.fade_in = FADE;
        } else if belongs + tolerated < end {
            let skip = usize::try_from(end - belongs).unwrap_or(usize::MAX).saturating_mul(CHANNELS);
            samples = samples.get(skip..).unwrap_or_default();
            self.fade_in = FADE;
        }
        if samples.is_empty() {
            return;
        }
        self.aligned = true;
        for pair in samples.chunks_exact(CHANNELS) {
            let gain = 1.0 - self.fade_in as f32 / FADE as f32;
            self.fade_in = self.fade_in.saturating_sub(1);
            for (channel, sample) in pair.iter().enumerate() {
                let sample = if sample.is_finite() { *sample * gain } else { 0.0 };
                self.waiting.push_back(sample);
                self.last[channel] = sample;
            }
        }
    }

    /// Whether the next frame is there whole, or will not come.
    pub(super) fn is_ready(&self, now: EngineTime) -> bool {
        self.waiting_samples() >= FRAME as u64 || now >= self.silence_at()
    }

    /// The next frame; what is missing of it is silence.
    pub(super) fn take_frame(&mut self) -> AudioFrame {
        if self.waiting_samples() < FRAME as u64 {
            let missing = FRAME - self.waiting.len() / CHANNELS;
            self.fill(missing);
            self.fade_in = FADE;
            self.aligned = false;
        }
        let at = self.time(self.left);
        self.left += FRAME as u64;
        AudioFrame { at, samples: self.waiting.drain(..FRAME * CHANNELS).collect() }
    }

    /// When silence will be needed.
    pub(super) fn poll_timeout(&self) -> EngineTime {
        self.silence_at()
    }

    /// When the frame that would leave next is overdue.
    fn silence_at(&self) -> EngineTime {
        let end = self.time(self.left + FRAME as u64);
        match self.heard {
            Some(heard) => (end + PATIENCE).min(heard + GONE_AFTER).max(end),
            None => end,
        }
    }

    /// Continues with silence, the last sample dying away.
    fn fill(&mut self, samples: usize) {
        for n in 0..samples {
            let gain = 1.0 - (n.min(FADE)) as f32 / FADE as f32;
            for channel in 0..CHANNELS {
                self.waiting.push_back(self.last[channel] * gain);
            }
        }
        if samples >= FADE {
            self.last = [0.0; CHANNELS];
        }
    }

    fn waiting_samples(&self) -> u64 {
        (self.waiting.len() / CHANNELS) as u64
    }

    fn position(&self, at: EngineTime) -> u64 {
        let since = at.saturating_sub(self.origin).as_nanos();
        u64::try_from((since * u128::from(RATE) + 500_000_000) / 1_000_000_000).unwrap_or(u64::MAX)
    }

    fn time(&self, samples: u64) -> EngineTime {
        self.origin + Duration::from_secs(samples / RATE) + Self::duration((samples % RATE) as usize)
    }

    fn duration(samples: usize) -> Duration {
        Duration::from_nanos(samples as u64 * 1_000_000_000 / RATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> EngineTime {
        Duration::from_millis(ms)
    }

    /// `count` milliseconds of a constant level.
    fn sound(level: f32, count: usize) -> Vec<f32> {
        vec![level; count * 48 * CHANNELS]
    }

    fn drain(line: &mut AudioLine, now: EngineTime) -> Vec<AudioFrame> {
        std::iter::from_fn(|| line.is_ready(now).then(|| line.take_frame())).collect()
    }

    #[test]
    fn frames_are_unbroken_through_sound_silence_cut_and_drift() {
        let mut line = AudioLine::new(ms(0));
        let mut frames = Vec::new();
        for now in 0..5_000u64 {
            match now {
                // One source in 10 ms buffers, half a per cent slow; then silence; then another that jitters.
                0..2_000 if now % 10 == 0 => {
                    line.handle_samples(ms(now + now / 200), &sound(0.5, 10), ms(now))
                }
                3_000 => line.cut(),
                3_001.. if now % 21 == 0 => line.handle_samples(ms(now - now % 5), &sound(0.2, 21), ms(now)),
                _ => {}
            }
            frames.extend(drain(&mut line, ms(now)));
        }
        assert!(frames.len() >= 245, "{}", frames.len());
        for (n, frame) in frames.iter().enumerate() {
            assert_eq!(frame.at, ms(n as u64 * 20));
            assert_eq!(frame.samples.len(), FRAME * CHANNELS);
        }
    }

    #[test]
    fn a_frame_leaves_as_soon_as_its_last_sample_is_there() {
        let mut line = AudioLine::new(ms(0));
        line.handle_samples(ms(0), &sound(0.5, 10), ms(10));
        assert_eq!(drain(&mut line, ms(10)).len(), 0);
        line.handle_samples(ms(10), &sound(0.5, 10), ms(11));
        assert_eq!(drain(&mut line, ms(11)).len(), 1);
    }

    #[test]
    fn a_source_without_sound_costs_no_waiting() {
        let mut line = AudioLine::new(ms(0));
        assert_eq!(line.poll_timeout(), ms(20));
        assert_eq!(drain(&mut line, ms(19)).len(), 0);
        let frames = drain(&mut line, ms(20));
        assert_eq!(frames.len(), 1);
        assert!(frames[0].samples.iter().all(|s| *s == 0.0));
    }

    #[test]
    fn sound_that_is_late_is_waited_for_but_not_for_ever() {
        let mut line = AudioLine::new(ms(0));
        line.handle_samples(ms(0), &sound(0.5, 20), ms(20));
        assert_eq!(drain(&mut line, ms(20)).len(), 1);
        assert_eq!(drain(&mut line, ms(99)).len(), 0, "60 ms of patience");
        assert_eq!(drain(&mut line, ms(100)).len(), 1);
    }

    #[test]
    fn a_source_whose_sound_always_comes_late_is_heard_in_its_place() {
        let mut line = AudioLine::new(ms(0));
        let mut frames = Vec::new();
        for now in 0..2_000u64 {
            if now >= 50 && now % 10 == 0 {
                line.handle_samples(ms(now - 50), &sound(0.5, 10), ms(now));
            }
            frames.extend(drain(&mut line, ms(now)));
        }
        let spoken = frames.iter().skip(20).all(|f| f.samples.iter().all(|s| *s == 0.5));
        assert!(spoken, "after the first frames nothing is missing");
        assert!(frames.len() >= 95, "{}", frames.len());
    }

    #[test]
    fn drift_below_40_ms_is_left_alone_and_above_is_put_right() {
        let mut line = AudioLine::new(ms(0));
        line.handle_samples(ms(0), &sound(0.5, 20), ms(20));
        line.handle_samples(ms(59), &sound(0.5, 20), ms(60));
        assert_eq!(line.waiting_samples(), 40 * 48, "39 ms late: joined on");
        line.handle_samples(ms(90), &sound(0.5, 20), ms(91));
        assert_eq!(line.waiting_samples(), (90 + 20) * 48, "50 ms late: silence between");
        line.handle_samples(ms(60), &sound(0.5, 60), ms(92));
        assert_eq!(line.waiting_samples(), (60 + 60) * 48, "50 ms early: what was said already is dropped");
    }

    #[test]
    fn nothing_clicks_where_sound_begins_or_is_cut() {
        let mut line = AudioLine::new(ms(0));
        line.handle_samples(ms(0), &sound(1.0, 50), ms(50));
        line.cut();
        line.handle_samples(ms(5), &sound(-1.0, 100), ms(52));
        let frames = drain(&mut line, ms(105));
        let left: Vec<f32> =
            frames.iter().flat_map(|f| f.samples.iter().step_by(CHANNELS).copied()).collect();
        let step = left.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.01, "{step}");
        assert!(left.iter().any(|s| *s < -0.99));
    }

    #[test]
    fn a_sample_that_is_not_a_number_is_silence() {
        let mut line = AudioLine::new(ms(0));
        line.handle_samples(ms(0), &vec![f32::NAN; FRAME * CHANNELS], ms(20));
        assert!(drain(&mut line, ms(20))[0].samples.iter().all(|s| *s == 0.0));
    }
}
