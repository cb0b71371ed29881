//! A moment as a clock on the wall shows it.

use std::fmt;

use serde::{Serialize, Serializer};

/// Local time to the second, and how far it is ahead of UTC. Shown and written as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime {
    /// µs since 1970, UTC.
    pub us: u64,
    /// What local time is ahead of UTC, in seconds.
    pub utc_offset_s: i32,
}

const DAY_S: i64 = 86_400;

impl WallTime {
    fn local_s(self) -> i64 {
        let utc = i64::try_from(self.us / 1_000_000).unwrap_or(i64::MAX - DAY_S);
        utc.saturating_add(self.utc_offset_s.into())
    }

    /// µs since local midnight.
    pub fn of_day_us(self) -> u64 {
        let second = u64::try_from(self.local_s().rem_euclid(DAY_S)).unwrap_or(0);
        second * 1_000_000 + self.us % 1_000_000
    }

    /// `HH:MM:SS`.
    pub fn time_of_day(self) -> String {
        let second = self.local_s().rem_euclid(DAY_S);
        format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
    }

    /// `YYYY-MM-DD`.
    pub fn date(self) -> String {
        // Days since 1970 to a date of the proleptic Gregorian calendar, in eras of 400 years that begin on 1 March.
        let days = self.local_s().div_euclid(DAY_S) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.utc_offset_s / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        write!(f, "{}T{}{sign}{hours:02}:{minutes:02}", self.date(), self.time_of_day())
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_date_and_time_that_the_wall_shows() {
        // date -u -d @1795446000: 2026-11-23 15:00:00
        let seoul = WallTime { us: 1_795_446_000_250_000, utc_offset_s: 9 * 3_600 };
        assert_eq!(seoul.to_string(), "2026-11-24T00:00:00+09:00");
        assert_eq!(seoul.of_day_us(), 250_000);
        let newfoundland = WallTime { utc_offset_s: -12_600, ..seoul };
        assert_eq!(newfoundland.to_string(), "2026-11-23T11:30:00-03:30");
        let leap = WallTime { us: 951_782_400_000_000, utc_offset_s: 0 };
        assert_eq!(leap.to_string(), "2000-02-29T00:00:00+00:00");
        assert_eq!(WallTime { us: 0, utc_offset_s: -1 }.date(), "1969-12-31");
    }
}
