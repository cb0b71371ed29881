//! Tally where the switcher does not tell it: firmware before `TlSr`, from its buses, transitions and keys.
//!
//! Refuses to call a source GREEN that may be on air: during a transition both sides are on programme, also where only a key
//! comes. Invariant: programme is M/E 1, with whatever feeds it. A SuperSource is told as itself; its boxes are not known.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};

/// A source, as the switcher numbers it.
type Source = u16;

/// What the switcher said of its mix effects and keys.
#[derive(Debug, Default)]
pub(super) struct Buses {
    effects: BTreeMap<u8, Effect>,
    keys: BTreeMap<(u8, u8), Key>,
    downstream: BTreeMap<u8, Key>,
}

#[derive(Debug, Default)]
struct Effect {
    programme: Option<Source>,
    preview: Option<Source>,
    in_transition: bool,
}

#[derive(Debug, Default)]
struct Key {
    on: bool,
    fill: Option<Source>,
    cut: Option<Source>,
}

impl Buses {
    /// Takes a command; `None` when it is one of these but too short. Others are passed over.
    pub(super) fn take(&mut self, name: [u8; 4], body: &[u8]) -> Option<()> {
        let byte = |at: usize| body.get(at).copied();
        let source = |at: usize| Some(Source::from_be_bytes(*body.get(at..)?.first_chunk::<2>()?));
        match &name {
            b"PrgI" => self.effects.entry(byte(0)?).or_default().programme = Some(source(2)?),
            b"PrvI" => self.effects.entry(byte(0)?).or_default().preview = Some(source(2)?),
            b"TrPs" => self.effects.entry(byte(0)?).or_default().in_transition = byte(1)? != 0,
            b"KeOn" => self.keys.entry((byte(0)?, byte(1)?)).or_default().on = byte(2)? != 0,
            b"KeBP" => {
                let (fill, cut) = (source(6)?, source(8)?);
                let key = self.keys.entry((byte(0)?, byte(1)?)).or_default();
                (key.fill, key.cut) = (Some(fill), Some(cut));
            }
            b"DskS" => self.downstream.entry(byte(0)?).or_default().on = byte(1)? != 0 || byte(2)? != 0,
            b"DskB" => {
                let (fill, cut) = (source(2)?, source(4)?);
                let key = self.downstream.entry(byte(0)?).or_default();
                (key.fill, key.cut) = (Some(fill), Some(cut));
            }
            _ => {}
        }
        Some(())
    }

    /// Every source on programme, and every one on preview.
    pub(super) fn lit(&self) -> (BTreeSet<Source>, BTreeSet<Source>) {
        let mut programme = BTreeSet::new();
        self.on_air(0, &mut BTreeSet::new(), &mut programme);
        for key in self.downstream.values().filter(|key| key.on) {
            self.add(key.sources(), &mut BTreeSet::new(), &mut programme);
        }
        let mut preview = BTreeSet::new();
        let next = self.effects.get(&0).and_then(|effect| effect.preview);
        self.add(next, &mut BTreeSet::new(), &mut preview);
        (programme, preview)
    }

    /// What a mix effect shows; `seen` ends a circle of effects that feed each other.
    fn on_air(&self, effect: u8, seen: &mut BTreeSet<u8>, lit: &mut BTreeSet<Source>) {
        if !seen.insert(effect) {
            return;
        }
        if let Some(Effect { programme, preview, in_transition }) = self.effects.get(&effect) {
            self.add(*programme, seen, lit);
            self.add(preview.filter(|_| *in_transition), seen, lit);
        }
        for (_, key) in self.keys.range((effect, 0)..=(effect, u8::MAX)).filter(|(_, key)| key.on) {
            self.add(key.sources(), seen, lit);
        }
    }

    fn add(
        &self,
        sources: impl IntoIterator<Item = Source>,
        seen: &mut BTreeSet<u8>,
        lit: &mut BTreeSet<Source>,
    ) {
        for source in sources {
            lit.insert(source);
            if let Some(effect) = effect_of(source) {
                self.on_air(effect, seen, lit);
            }
        }
    }
}

impl Key {
    fn sources(&self) -> impl Iterator<Item = Source> {
        self.fill.into_iter().chain(self.cut)
    }
}

/// The mix effect whose programme is this source: 10010, 10020, …
fn effect_of(source: Source) -> Option<u8> {
    let number = source.checked_sub(10_010).filter(|above| above % 10 == 0)?;
    u8::try_from(number.checked_div(10)?).ok().filter(|effect| *effect < 8)
}
