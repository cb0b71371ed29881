//! How one picture replaces another over some frames. Pure.
//!
//! Refuses to have a rhythm of its own: how far it is, it says for the moment of each frame. Invariant: it starts with
//! less than a whole new picture and ends with nothing of the old one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::EngineTime;
use crate::gui::millis;

/// The longest that one may take.
pub const LONGEST: Duration = Duration::from_secs(10);

/// The manner of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Manner {
    /// One picture shines through the other.
    Mix,
    /// The new picture is uncovered from the left.
    Wipe,
}

/// A transition that a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// In which manner.
    pub manner: Manner,
    /// How long it takes; at most [`LONGEST`].
    #[serde(rename = "duration_ms", serialize_with = "millis")]
    pub duration: Duration,
}

/// How much of the new there is: 0 none, [`Part::WHOLE`] all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part(u16);

impl Part {
    /// Nothing of the new.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(256);

    /// How much of a duration has passed.
    pub fn of(passed: Duration, whole: Duration) -> Self {
        if passed >= whole {
            return Self::WHOLE;
        }
        let part = passed.as_nanos() * 256 / whole.as_nanos().max(1);
        Self(u16::try_from(part).unwrap_or(256).min(256))
    }

    /// In 256ths.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// In thousandths.
    pub fn per_mille(self) -> u16 {
        u16::try_from(u32::from(self.0) * 1_000 / 256).unwrap_or(1_000)
    }

    /// What is left of the old.
    pub const fn rest(self) -> Self {
        Self(256 - self.0)
    }
}

/// Something that goes to an end and back: the black over the programme.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fader {
    from: Part,
    to: Part,
    began: EngineTime,
    takes: Duration,
}

impl Fader {
    /// It stands at its beginning.
    pub(super) const fn new() -> Self {
        Self { from: Part::NONE, to: Part::NONE, began: Duration::ZERO, takes: Duration::ZERO }
    }

    /// Goes to one end from wherever it is, as fast as it would go the whole way.
    pub(super) fn go(&mut self, whole: bool, takes: Duration, now: EngineTime) {
        let from = self.at(now);
        let to = if whole { Part::WHOLE } else { Part::NONE };
        let way = u32::from(from.get().abs_diff(to.get()));
        *self = Self { from, to, began: now, takes: takes.min(LONGEST) * way / 256 };
    }

    /// Where it is.
    pub(super) fn at(&self, now: EngineTime) -> Part {
        let done = i32::from(Part::of(now.saturating_sub(self.began), self.takes).get());
        let (from, to) = (i32::from(self.from.get()), i32::from(self.to.get()));
        let at = from + (to - from) * done / 256;
        Part(u16::try_from(at).unwrap_or(0).min(256))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_part_grows_with_time_and_ends_whole() {
        assert_eq!(Part::of(ms(0), ms(1_000)), Part::NONE);
        assert_eq!(Part::of(ms(500), ms(1_000)).get(), 128);
        assert!(Part::of(ms(999), ms(1_000)) < Part::WHOLE);
        assert_eq!(Part::of(ms(0), ms(0)), Part::WHOLE);
        assert_eq!(Part::WHOLE.per_mille(), 1_000);
    }

    #[test]
    fn a_fader_turned_round_on_its_way_comes_back_from_where_it_was() {
        let mut fader = Fader::new();
        fader.go(true, ms(1_000), ms(0));
        assert_eq!(fader.at(ms(500)).get(), 128);
        fader.go(false, ms(1_000), ms(500));
        assert_eq!((fader.at(ms(500)).get(), fader.at(ms(750)).get()), (128, 64));
        assert_eq!(fader.at(ms(1_000)), Part::NONE);
    }
}
