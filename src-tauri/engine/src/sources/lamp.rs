//! The lamp on the source itself, and whether the source says that it shows it. Pure.
//!
//! Refuses to call a lamp lit because it was told: only the source's echo does. What a source shows on account of others is
//! theirs: a lamp that we told is confirmed when it is among what it shows.

use std::time::Duration;

use serde::Serialize;

use crate::clock::EngineTime;

/// A source on the network answers within some milliseconds.
const ECHO_WITHIN: Duration = Duration::from_secs(1);

/// A lamp on the source itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TallyLamp {
    /// RED.
    pub programme: bool,
    /// GREEN.
    pub preview: bool,
}

/// What the source says of the lamp that it was told to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum LampEcho {
    /// It shows it.
    Confirmed,
    /// It has not said so for a second.
    NotConfirmed,
}

/// What was told and said last.
#[derive(Debug, Default)]
pub(super) struct Echo {
    told: TallyLamp,
    /// Since when the source does not say that it shows it.
    owed: Option<EngineTime>,
    is: Option<LampEcho>,
}

impl Echo {
    /// What the source shows now; what is news of it. Nothing is said of a lamp that is dark.
    pub(super) fn look(
        &mut self,
        told: TallyLamp,
        shows: TallyLamp,
        now: EngineTime,
    ) -> Option<Option<LampEcho>> {
        if std::mem::replace(&mut self.told, told) != told {
            self.owed = None;
        }
        let is_dark = told == TallyLamp::default();
        let shown = (shows.programme || !told.programme) && (shows.preview || !told.preview);
        let is = if is_dark || shown {
            self.owed = None;
            (!is_dark).then_some(LampEcho::Confirmed)
        } else {
            let since = *self.owed.get_or_insert(now);
            let is_late = now.saturating_sub(since) >= ECHO_WITHIN;
            if is_late { Some(LampEcho::NotConfirmed) } else { self.is }
        };
        (std::mem::replace(&mut self.is, is) != is).then_some(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: TallyLamp = TallyLamp { programme: true, preview: false };
    const GREEN: TallyLamp = TallyLamp { programme: false, preview: true };
    const DARK: TallyLamp = TallyLamp { programme: false, preview: false };
    const BOTH: TallyLamp = TallyLamp { programme: true, preview: true };

    #[test]
    fn a_lamp_is_confirmed_by_the_source_alone_and_missed_after_a_second() {
        let mut echo = Echo::default();
        let mut look = |told, shows, ms| echo.look(told, shows, Duration::from_millis(ms));
        assert_eq!(look(DARK, DARK, 0), None);
        assert_eq!(look(RED, DARK, 40), None, "it may still be on its way");
        assert_eq!(look(RED, RED, 80), Some(Some(LampEcho::Confirmed)));
        assert_eq!(look(GREEN, RED, 120), None);
        assert_eq!(look(GREEN, RED, 1_119), None);
        assert_eq!(look(GREEN, RED, 1_120), Some(Some(LampEcho::NotConfirmed)));
        assert_eq!(look(GREEN, BOTH, 1_160), Some(Some(LampEcho::Confirmed)), "the other is somebody else's");
        assert_eq!(look(GREEN, DARK, 2_000), None);
        assert_eq!(look(GREEN, DARK, 3_000), Some(Some(LampEcho::NotConfirmed)), "the source went away");
        assert_eq!(look(DARK, DARK, 3_040), Some(None));
    }
}
