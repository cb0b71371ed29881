//! Every display that was lit, and what its lamps mean.
//!
//! Refuses to forget by itself: TSL says what is, when it is; how old that may be, the session decides. Invariant: the
//! lamps of one display are OR-ed, since some devices pulse one at a cut and hold another.

use std::collections::BTreeMap;

use returnfeed_tally::InputFact;

use super::v31::Record;
use super::v50::{Colour, Display};

/// Every display, in 5.0's addressing.
const EVERY: u16 = 0xffff;
/// More displays than any wall; a sender that names more is not one.
const MOST: usize = 4_096;

/// One of version 3.1's four lamps, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lamp(u8);

impl Lamp {
    /// `None` when there is no such lamp.
    pub fn new(number: u8) -> Option<Self> {
        (1..=4).contains(&number).then_some(Self(number))
    }

    /// The four lamps with this one lit or dark.
    pub(super) fn light(self, lamps: &mut [bool; 4], lit: bool) {
        for (lamp, number) in lamps.iter_mut().zip(1..) {
            *lamp |= lit && number == self.0;
        }
    }

    fn is_lit(self, record: &Record) -> bool {
        record.tally.iter().zip(1..).any(|(lit, number)| *lit && number == self.0)
    }

    /// Of 5.0's three, left, text and right from 1; there is no fourth.
    fn colour(self, display: &Display) -> Colour {
        let [right, text, left] = display.lamps;
        match self.0 {
            1 => left,
            2 => text,
            3 => right,
            _ => Colour::Off,
        }
    }
}

/// Which of version 3.1's lamps mean programme and preview. Version 5.0 has colours: red or amber is programme, green
/// is preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// On air.
    pub programme: Lamp,
    /// Next.
    pub preview: Lamp,
}

impl Default for Meaning {
    /// As most devices have it; the protocol leaves it to them.
    fn default() -> Self {
        Self { programme: Lamp(2), preview: Lamp(1) }
    }
}

impl Meaning {
    /// Of a display of 5.0 whose lamps were named. One lamp for both has colours; of two each is lit or dark.
    fn read(self, display: &Display) -> (bool, bool) {
        if self.programme == self.preview {
            let colour = self.programme.colour(display);
            return (is_programme(colour), colour == Colour::Green);
        }
        let is_lit = |lamp: Lamp| lamp.colour(display) != Colour::Off;
        (is_lit(self.programme), is_lit(self.preview))
    }
}

/// Displays whose lamps mean something else than those of the others, by index.
pub type Meanings = BTreeMap<u16, Meaning>;

fn is_programme(colour: Colour) -> bool {
    matches!(colour, Colour::Red | Colour::Amber)
}

/// The displays by index.
#[derive(Debug, Default)]
pub(crate) struct Board(BTreeMap<u16, InputFact>);

impl Board {
    pub(crate) fn record(&mut self, record: &Record, meaning: Meaning) {
        let on = (meaning.programme.is_lit(record), meaning.preview.is_lit(record));
        self.light(u16::from(record.address), on, Some(&record.text));
    }

    pub(crate) fn display(&mut self, display: &Display, own: &Meanings) {
        let by_colour =
            || (display.lamps.iter().copied().any(is_programme), display.lamps.contains(&Colour::Green));
        let on = |index: u16| own.get(&index).map_or_else(by_colour, |meaning| meaning.read(display));
        if display.index == EVERY {
            for index in self.0.keys().copied().collect::<Vec<_>>() {
                self.light(index, on(index), None);
            }
        } else {
            self.light(display.index, on(display.index), display.text.as_deref());
        }
    }

    fn light(&mut self, index: u16, (programme, preview): (bool, bool), text: Option<&str>) {
        if self.0.len() >= MOST && !self.0.contains_key(&index) {
            return;
        }
        let fact = self.0.entry(index).or_insert_with(|| InputFact::new(Some(index), ""));
        (fact.programme, fact.preview) = (programme, preview);
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            text.clone_into(&mut fact.name);
        }
    }

    pub(crate) fn inputs(&self) -> Vec<InputFact> {
        self.0.values().cloned().collect()
    }
}
