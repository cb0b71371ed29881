//! Wall time as RTP writes it: seconds since 1900 in 32.32 fixed point (RFC 3550 4).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// From 1900 to 1970.
const TO_UNIX: u64 = 2_208_988_800;

/// Seconds since 1900-01-01 00:00 UTC, modulo 2^32, and their fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ntp(pub u64);

impl Ntp {
    /// The middle 32 bits: units of 1/65 536 s, as receiver reports give it back.
    pub fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }
}

impl From<SystemTime> for Ntp {
    fn from(time: SystemTime) -> Self {
        let since_unix = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let seconds = since_unix.as_secs().wrapping_add(TO_UNIX);
        let fraction = (u64::from(since_unix.subsec_nanos()) << 32) / 1_000_000_000;
        Self(seconds << 32 | fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unix_epoch_and_half_a_second_after_it() {
        assert_eq!(Ntp::from(UNIX_EPOCH), Ntp(0x83aa_7e80_0000_0000));
        let half = Ntp::from(UNIX_EPOCH + Duration::from_millis(500));
        assert_eq!(half, Ntp(0x83aa_7e80_8000_0000));
        assert_eq!(half.middle(), 0x7e80_8000);
    }
}
