//! By what the programme's sound is made, and how: whose, how loud, and the way from one to another. Pure.
//!
//! Invariant: whatever changes, nothing clicks.

use serde::{Deserialize, Serialize};

use super::audio::{AudioFrame, AudioLine, CHANNELS, FRAME};
use super::desk::Buses;
use super::meter::Meter;
use super::transition::Part;
use crate::clock::EngineTime;
use crate::figures::Level;
use crate::sources::SourceNumber;

/// Whose sound is heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum SoundFrom {
    /// Of the source whose picture is on air.
    #[default]
    Picture,
    /// Of one source, whatever is on air.
    Source(SourceNumber),
}

/// How much louder or softer, in tenths of a decibel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "number"))]
pub struct Gain(i16);

impl Gain {
    /// The softest: 60 dB less.
    pub const LEAST: Self = Self(-600);
    /// The loudest: 12 dB more.
    pub const MOST: Self = Self(120);

    /// In tenths of a decibel, as far as it goes.
    pub fn tenths(tenths: i16) -> Self {
        Self(tenths.clamp(Self::LEAST.0, Self::MOST.0))
    }

    /// In tenths of a decibel.
    pub const fn tenths_of_decibels(self) -> i16 {
        self.0
    }

    /// By what a sample is multiplied.
    pub fn factor(self) -> f32 {
        10f32.powf(f32::from(self.0) / 200.0)
    }
}

/// By what the programme's sound is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SoundSettings {
    /// Whose.
    pub from: SoundFrom,
    /// How loud; tenths of a decibel.
    #[serde(rename = "gain_tenths_db")]
    pub gain: Gain,
    /// Not at all.
    pub mute: bool,
}

/// The programme's sound: follows the picture or one source, crosses over with a transition, is as loud as is wanted.
#[derive(Debug)]
pub(super) struct Sound {
    settings: SoundSettings,
    line: AudioLine,
    heard: Option<SourceNumber>,
    /// Of the source that a transition brings in, in step with `line`.
    incoming: Option<(SourceNumber, AudioLine)>,
    /// What a transition has left, and how loud it still was.
    leaving: Option<(AudioLine, f32)>,
    /// Of `line` and of what comes in, at the end of the last frame: no step is heard.
    gains: (f32, f32),
    meter: Meter,
}

impl Sound {
    /// In silence, from now on.
    pub(super) fn new(now: EngineTime) -> Self {
        Self {
            settings: SoundSettings::default(),
            line: AudioLine::new(now),
            heard: None,
            incoming: None,
            leaving: None,
            gains: (1.0, 0.0),
            meter: Meter::default(),
        }
    }

    /// By what it is made from now on.
    pub(super) fn hear_by(&mut self, settings: SoundSettings, buses: Option<Buses>) {
        self.settings = settings;
        if let Some(buses) = buses {
            self.follow(buses);
        }
    }

    /// What is on air has changed.
    pub(super) fn follow(&mut self, buses: Buses) {
        let (from, comes) = match self.settings.from {
            SoundFrom::Picture => (buses.programme, buses.incoming),
            SoundFrom::Source(source) => (source, None),
        };
        if self.heard.replace(from) != Some(from) {
            match self.incoming.take().filter(|(source, _)| *source == from) {
                Some((_, line)) => {
                    let old = std::mem::replace(&mut self.line, line);
                    self.leaving = Some((old, self.gains.0));
                    self.gains = (self.gains.1, 0.0);
                }
                None => self.line.cut(),
            }
        }
        if self.incoming.as_ref().map(|(source, _)| *source) != comes {
            self.incoming = comes.map(|source| (source, self.line.beside()));
        }
    }

    /// Samples of a source, the first of which belongs to `at`; passed over where it is not heard.
    pub(super) fn handle_samples(
        &mut self,
        source: SourceNumber,
        at: EngineTime,
        samples: &[f32],
        now: EngineTime,
    ) {
        if self.heard == Some(source) {
            self.line.handle_samples(at, samples, now);
        }
        if let Some((_, line)) = self.incoming.as_mut().filter(|(comes, _)| *comes == source) {
            line.handle_samples(at, samples, now);
        }
    }

    /// The next frame, with so much of what comes in and so much of black; drain to `None`.
    pub(super) fn poll_frame(&mut self, now: EngineTime, comes: Part, black: Part) -> Option<AudioFrame> {
        let ready =
            self.line.is_ready(now) && self.incoming.as_ref().is_none_or(|(_, line)| line.is_ready(now));
        if !ready {
            return None;
        }
        let mut frame = self.line.take_frame();
        let other = self.incoming.as_mut().map(|(_, line)| line.take_frame().samples);
        let all = if self.settings.mute { 0.0 } else { self.settings.gain.factor() * fraction(black.rest()) };
        let next = match &other {
            // Equal power: two sounds that know nothing of each other stay as loud as one.
            Some(_) => (all * fraction(comes.rest()).sqrt(), all * fraction(comes).sqrt()),
            None => (all, 0.0),
        };
        let before = std::mem::replace(&mut self.gains, next);
        let other = other.unwrap_or_default();
        let (left, loud) =
            self.leaving.take().map(|(mut line, gain)| (line.take_frame().samples, gain)).unwrap_or_default();
        for (n, sample) in frame.samples.iter_mut().enumerate() {
            let along = (n / CHANNELS) as f32 / FRAME as f32;
            let gain = |from: f32, to: f32| from + (to - from) * along;
            let comes = other.get(n).copied().unwrap_or(0.0) * gain(before.1, next.1);
            let leaves = left.get(n).copied().unwrap_or(0.0) * gain(loud, 0.0);
            *sample = (*sample * gain(before.0, next.0) + comes + leaves).clamp(-1.0, 1.0);
        }
        self.meter.handle_samples(&frame.samples, now);
        Some(frame)
    }

    /// When silence will be needed.
    pub(super) fn poll_timeout(&self) -> EngineTime {
        let other = self.incoming.as_ref().map(|(_, line)| line.poll_timeout());
        other.map_or_else(|| self.line.poll_timeout(), |other| other.max(self.line.poll_timeout()))
    }

    /// How loud it is.
    pub(super) fn level(&self, now: EngineTime) -> Level {
        self.meter.level(now)
    }
}

fn fraction(part: Part) -> f32 {
    f32::from(part.get()) / 256.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const fn ms(ms: u64) -> EngineTime {
        Duration::from_millis(ms)
    }

    fn source(number: u16) -> SourceNumber {
        SourceNumber::new(number).unwrap()
    }

    fn buses(programme: u16, incoming: Option<u16>) -> Buses {
        Buses { programme: source(programme), preview: None, incoming: incoming.map(source) }
    }

    /// 20 ms of each source at its level, and the frame that leaves; `n` counts from 0.
    fn frame(sound: &mut Sound, n: u64, comes: Part, black: Part) -> Vec<f32> {
        let now = ms(n * 20 + 20);
        for (number, level) in [(1, 0.25), (2, 0.5)] {
            sound.handle_samples(source(number), ms(n * 20), &vec![level; FRAME * CHANNELS], now);
        }
        sound.poll_frame(now, comes, black).expect("a frame").samples
    }

    #[test]
    fn sound_follows_the_picture_or_stays_with_one_source() {
        let mut sound = Sound::new(ms(0));
        sound.follow(buses(1, None));
        frame(&mut sound, 0, Part::NONE, Part::NONE);
        assert_eq!(frame(&mut sound, 1, Part::NONE, Part::NONE).last(), Some(&0.25));
        sound.follow(buses(2, None));
        assert_eq!(frame(&mut sound, 2, Part::NONE, Part::NONE).last(), Some(&0.5));
        let fixed = SoundSettings { from: SoundFrom::Source(source(1)), ..SoundSettings::default() };
        sound.hear_by(fixed, Some(buses(2, None)));
        assert_eq!(frame(&mut sound, 3, Part::NONE, Part::NONE).last(), Some(&0.25));
        sound.follow(buses(1, Some(2)));
        assert_eq!(frame(&mut sound, 4, Part::of(ms(1), ms(2)), Part::NONE).last(), Some(&0.25));
    }

    #[test]
    fn a_transition_crosses_over_without_a_step_and_ends_with_the_incoming_source() {
        let mut sound = Sound::new(ms(0));
        sound.follow(buses(1, None));
        let mut heard = Vec::new();
        for n in 0..4 {
            heard.extend(frame(&mut sound, n, Part::NONE, Part::NONE));
        }
        sound.follow(buses(1, Some(2)));
        for n in 4..24 {
            heard.extend(frame(&mut sound, n, Part::of(ms((n - 4) * 20), ms(400)), Part::NONE));
        }
        sound.follow(buses(2, None));
        for n in 24..28 {
            heard.extend(frame(&mut sound, n, Part::NONE, Part::NONE));
        }
        assert_eq!(heard.last(), Some(&0.5));
        let steps = heard.chunks_exact(CHANNELS).map(|pair| pair[0]).collect::<Vec<_>>();
        let step = steps.windows(2).map(|two| (two[1] - two[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.01, "{step}");
    }

    #[test]
    fn gain_mute_and_black_make_it_louder_softer_and_silent() {
        let mut sound = Sound::new(ms(0));
        sound.follow(buses(1, None));
        frame(&mut sound, 0, Part::NONE, Part::NONE);
        let louder = SoundSettings { gain: Gain::tenths(60), ..SoundSettings::default() };
        sound.hear_by(louder, None);
        frame(&mut sound, 1, Part::NONE, Part::NONE);
        let mut last = 0.0;
        for n in 2..12 {
            last = *frame(&mut sound, n, Part::NONE, Part::NONE).last().unwrap();
        }
        assert!((last - 0.25 * 1.995).abs() < 0.01, "6 dB: {last}");
        assert!((sound.level(ms(240)).peak + 6.0).abs() < 0.2, "{:?}", sound.level(ms(240)));
        frame(&mut sound, 12, Part::NONE, Part::WHOLE);
        assert_eq!(frame(&mut sound, 13, Part::NONE, Part::WHOLE).last(), Some(&0.0));
        sound.hear_by(SoundSettings { mute: true, ..louder }, None);
        frame(&mut sound, 14, Part::NONE, Part::NONE);
        assert_eq!(frame(&mut sound, 15, Part::NONE, Part::NONE).last(), Some(&0.0));
        assert_eq!(Gain::tenths(9_999), Gain::MOST);
    }
}
