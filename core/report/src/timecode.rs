//! Frames and their timecode: SMPTE ST 12-1, non-drop.

use std::fmt;
use std::time::Duration;

/// Whole frames in a second. Pictures have no clock of their own here, so a second is a second: drop-frame counting,
/// which makes up for 29.97, is not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate(u8);

/// A rate that no timecode counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{got} is no rate that a timecode counts; choose 24, 25, 30, 50 or 60")]
pub struct NoFrameRate {
    /// What was asked for.
    pub got: u8,
}

impl FrameRate {
    /// 24, 25, 30, 50 or 60.
    ///
    /// # Errors
    /// Where it is none of them.
    pub const fn new(per_second: u8) -> Result<Self, NoFrameRate> {
        match per_second {
            24 | 25 | 30 | 50 | 60 => Ok(Self(per_second)),
            got => Err(NoFrameRate { got }),
        }
    }

    /// In a second.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// To the nearest frame.
    pub fn frames(self, time: Duration) -> Frames {
        let doubled = time.as_micros().saturating_mul(2 * u128::from(self.0)) / 1_000_000;
        Frames(u64::try_from(doubled.div_ceil(2)).unwrap_or(u64::MAX / 2))
    }

    /// As a timecode shows it; after 24 hours it begins anew.
    pub fn timecode(self, frames: Frames) -> Timecode {
        Timecode { frames, rate: self }
    }
}

/// A number of frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frames(pub u64);

impl std::ops::Add for Frames {
    type Output = Self;
    fn add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}

impl std::ops::Sub for Frames {
    type Output = Self;
    fn sub(self, less: Self) -> Self {
        Self(self.0.saturating_sub(less.0))
    }
}

/// `HH:MM:SS:FF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timecode {
    frames: Frames,
    rate: FrameRate,
}

impl fmt::Display for Timecode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = u64::from(self.rate.0);
        let (second, frame) = (self.frames.0 / rate, self.frames.0 % rate);
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        write!(f, "{hour:02}:{minute:02}:{second:02}:{frame:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_its_nearest_frame_and_a_day_begins_anew() {
        let rate = FrameRate::new(25).unwrap();
        let frames = |ms| rate.frames(Duration::from_millis(ms)).0;
        assert_eq!(
            [frames(0), frames(19), frames(20), frames(59), frames(60), frames(1_000)],
            [0, 0, 1, 1, 2, 25]
        );
        let text = |frames| rate.timecode(Frames(frames)).to_string();
        assert_eq!(text(25 * 3_661 + 24), "01:01:01:24");
        assert_eq!(text(25 * 86_400 + 1), "00:00:00:01");
        assert_eq!(
            FrameRate::new(29).unwrap_err().to_string().split(';').next(),
            Some("29 is no rate that a timecode counts")
        );
    }
}
