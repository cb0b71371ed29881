//! Units: a type per fact, so that milliseconds never meet ticks by accident.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A value outside what its unit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("camera numbers go from 1 to {max}, not {got}", max = CameraNumber::MAX)]
pub struct OutOfRange {
    /// What was given.
    pub got: u16,
}

/// Which tally light a camera follows: 1 to 99, as painted on the camera.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(try_from = "u16", into = "u16")]
#[schemars(extend("minimum" = 1, "maximum" = Self::MAX))]
#[ts(type = "number")]
pub struct CameraNumber(u16);

impl CameraNumber {
    /// The largest number: two digits are what a phone shows at arm's length.
    pub const MAX: u16 = 99;

    /// The number as an integer.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for CameraNumber {
    type Error = OutOfRange;

    fn try_from(got: u16) -> Result<Self, OutOfRange> {
        if (1..=Self::MAX).contains(&got) { Ok(Self(got)) } else { Err(OutOfRange { got }) }
    }
}

impl From<CameraNumber> for u16 {
    fn from(number: CameraNumber) -> Self {
        number.0
    }
}

impl fmt::Display for CameraNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Bits per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, JsonSchema)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Bitrate(pub u64);

/// A moment of the media timeline in ticks of 90 kHz (ISO/IEC 13818-1 2.4.3.7), unwrapped: it only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaTime(pub u64);

impl MediaTime {
    /// Ticks in one second.
    pub const HZ: u64 = 90_000;

    /// From nanoseconds of a running clock.
    pub const fn from_nanos(nanos: u64) -> Self {
        // 9 ticks each 100 µs, split so that 2^64 ns does not overflow.
        Self(nanos / 1_000_000_000 * Self::HZ + nanos % 1_000_000_000 * Self::HZ / 1_000_000_000)
    }

    /// As time on that clock, to the tick.
    pub const fn since_start(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0 / Self::HZ)
            .saturating_add(std::time::Duration::from_nanos(self.0 % Self::HZ * 1_000_000_000 / Self::HZ))
    }

    /// As an RTP timestamp of a clock of `hz` (90 000 for video, 48 000 for Opus): the low 32 bits.
    pub const fn rtp(self, hz: u32) -> u32 {
        ((self.0 as u128 * hz as u128 / Self::HZ as u128) & 0xffff_ffff) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camera_zero_and_a_hundred_are_refused() {
        assert!(CameraNumber::try_from(0).is_err());
        assert!(CameraNumber::try_from(100).is_err());
        assert_eq!(CameraNumber::try_from(99).unwrap().get(), 99);
    }

    #[test]
    fn a_second_is_ninety_thousand_ticks() {
        assert_eq!(MediaTime::from_nanos(1_000_000_000), MediaTime(90_000));
        assert_eq!(MediaTime::from_nanos(u64::MAX).0, 1_660_206_966_633_859);
        assert_eq!(MediaTime(90_000).rtp(48_000), 48_000);
        assert_eq!(MediaTime(135_000).since_start(), std::time::Duration::from_millis(1_500));
    }
}
