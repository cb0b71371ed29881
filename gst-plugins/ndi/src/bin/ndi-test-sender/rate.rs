//! The tool's two small types: a picture's size and a frame rate, as they are typed.

use std::str::FromStr;

/// Samples per second of the tone.
pub(crate) const SAMPLE_RATE: u32 = 48_000;

/// Width and height in pixels; even, as UYVY demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted =
            || format!("{text:?} is no size; write it as in 640x360, with an even width from 16 to 8192");
        let (width, height) = text.split_once('x').ok_or_else(wanted)?;
        let size = Self {
            width: width.parse().map_err(|_| wanted())?,
            height: height.parse().map_err(|_| wanted())?,
        };
        let sensible = (16..=8192).contains(&size.width) && (16..=8192).contains(&size.height);
        (sensible && size.width.is_multiple_of(2)).then_some(size).ok_or_else(wanted)
    }
}

/// Frames per `seconds` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) frames: u32,
    pub(crate) seconds: u32,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || format!("{text:?} is no frame rate; write it as in 60 or 60000/1001, from 1 to 240");
        let (frames, seconds) = text.split_once('/').unwrap_or((text, "1"));
        let rate = Self {
            frames: frames.parse().map_err(|_| wanted())?,
            seconds: seconds.parse().map_err(|_| wanted())?,
        };
        let sensible = rate.seconds > 0 && rate.frames >= rate.seconds && rate.frames / rate.seconds <= 240;
        sensible.then_some(rate).ok_or_else(wanted)
    }
}

impl Rate {
    /// As the runtime takes it.
    pub(crate) fn as_pair(self) -> (i32, i32) {
        (i32::try_from(self.frames).unwrap_or(i32::MAX), i32::try_from(self.seconds).unwrap_or(i32::MAX))
    }

    /// How many samples belong to a frame, so that none is lost over time where the rates do not divide.
    pub(crate) fn samples_of(self, frame: u64) -> usize {
        let until =
            |frame: u64| frame * u64::from(SAMPLE_RATE) * u64::from(self.seconds) / u64::from(self.frames);
        usize::try_from(until(frame + 1) - until(frame)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_does_not_divide_loses_no_sample_over_time() {
        let rate: Rate = "60000/1001".parse().expect("a rate");
        assert_eq!((0..60_000).map(|frame| rate.samples_of(frame)).sum::<usize>(), 48_000 * 1001);
    }

    #[test]
    fn senseless_sizes_and_rates_are_refused_with_an_example() {
        for text in ["", "640", "641x360", "0x0", "640x-1", "99999x16"] {
            assert!(text.parse::<Size>().is_err_and(|sentence| sentence.contains("640x360")), "{text}");
        }
        for text in ["", "0", "60/0", "-1", "1/2", "1000"] {
            assert!(text.parse::<Rate>().is_err_and(|sentence| sentence.contains("60000/1001")), "{text}");
        }
    }
}
