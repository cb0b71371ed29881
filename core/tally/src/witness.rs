//! Who has shown what: the director's account of its own words, out of what the pages acknowledge.
//!
//! It refuses to believe that a word that was sent was seen. Invariant: a page counts as showing its lamp only by an
//! acknowledgement of the newest change of that lamp, or of a later word.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    Acknowledgement, CameraNumber, Epoch, OperatorPresence, PageNumber, TALLY_FRESH_MS, Tally, TallySequence,
    TallyState,
};

/// A lamp that is not confirmed within this is said to be missing: an operator has begun to move by then.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(1);
/// A repeat that is not confirmed within this was not heard: the page shows *unknown* by itself.
const REPEATED_WITHIN: Duration = Duration::from_millis(TALLY_FRESH_MS);
/// Confirmations of a camera that its p95 is made of: a long show's last quarter of an hour.
const KEPT: usize = 256;

/// What was noticed, for whoever directs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// On which page.
    pub page: PageNumber,
    /// Of which camera.
    pub camera: CameraNumber,
    /// What.
    pub seen: Seen,
}

/// How a page stands to its lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It shows it. `took`: from the director's word to the page's answer here, the way back included; `None` where
    /// the page came after the word.
    Shown {
        /// What it shows.
        tally: Tally,
        /// How long that took.
        took: Option<Duration>,
    },
    /// It has not said that it shows this, and should have.
    Missing {
        /// What it should show.
        tally: Tally,
    },
    /// It says that it shows *unknown* although the lamp is known: hidden, asleep or cut off.
    Unknown,
}

/// One camera's pages, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraAccount {
    /// Which.
    pub camera: CameraNumber,
    /// What it should show.
    pub tally: Tally,
    /// How many show it.
    pub confirmed: usize,
    /// The newest change of the lamp was shown by the last of those after this.
    pub last: Option<Duration>,
    /// 95 of 100 confirmations of this camera were not slower.
    pub p95: Option<Duration>,
    /// Who has not said so for too long.
    pub missing: Vec<PageNumber>,
    /// Who shows *unknown*.
    pub unknown: Vec<PageNumber>,
}

/// The account. See the module.
#[derive(Debug, Default)]
pub struct Witness {
    newest: Option<(Epoch, TallySequence)>,
    lamps: BTreeMap<CameraNumber, Tally>,
    pages: BTreeMap<PageNumber, Page>,
    times: BTreeMap<CameraNumber, Times>,
    noticed: VecDeque<Observation>,
}

#[derive(Debug, Default)]
struct Page {
    camera: Option<CameraNumber>,
    seen: Option<Seen>,
    owed: Option<Owed>,
}

/// A word that a page has yet to acknowledge.
#[derive(Debug, Clone, Copy)]
struct Owed {
    word: (Epoch, TallySequence),
    due: Instant,
    /// When the lamp changed, where it is a change that the page was there for.
    changed: Option<Instant>,
}

#[derive(Debug, Default)]
struct Times {
    last: Option<Duration>,
    kept: VecDeque<Duration>,
}

impl Witness {
    /// Nobody is there and nothing was said.
    pub fn new() -> Self {
        Self::default()
    }

    /// The director said this word.
    pub fn handle_word(&mut self, state: &TallyState, now: Instant) {
        let word = (state.epoch, state.seq);
        self.newest = Some(word);
        let lamps = state.cameras.iter().map(|lamp| (lamp.camera, lamp.tally)).collect();
        let before = std::mem::replace(&mut self.lamps, lamps);
        for (camera, tally) in &self.lamps {
            if before.get(camera) != Some(tally) {
                self.times.entry(*camera).or_default().last = None;
            }
        }
        for page in self.pages.values_mut() {
            let Some(camera) = page.camera else { continue };
            if before.get(&camera) != self.lamps.get(&camera) {
                page.owed = Some(Owed { word, due: now + CONFIRMED_WITHIN, changed: Some(now) });
            } else if page.owed.is_none() {
                page.owed = Some(Owed { word, due: now + REPEATED_WITHIN, changed: None });
            }
        }
    }

    /// An operator's page is so now; `None`: it is gone.
    pub fn handle_operator(&mut self, page: PageNumber, presence: Option<&OperatorPresence>, now: Instant) {
        let Some(presence) = presence else {
            self.pages.remove(&page);
            return;
        };
        let known = self.pages.entry(page).or_default();
        if known.camera == presence.camera {
            return;
        }
        // Another camera's lamp, or a page that has just come: it owes what was said before it came.
        let owed = self.newest.map(|word| Owed { word, due: now + CONFIRMED_WITHIN, changed: None });
        *known = Page { camera: presence.camera, seen: None, owed: presence.camera.and(owed) };
    }

    /// A page says what it shows.
    pub fn handle_shown(&mut self, shown: &Acknowledgement, now: Instant) {
        let Some(page) = self.pages.get_mut(&shown.page) else { return };
        if page.camera != Some(shown.camera) {
            return; // said before it chose
        }
        let lamp = self.lamps.get(&shown.camera).copied().unwrap_or(Tally::Unknown);
        let settles = page.owed.is_none_or(|owed| (shown.epoch, shown.seq) >= owed.word);
        let seen = if settles && shown.tally == lamp {
            let changed = page.owed.take().and_then(|owed| owed.changed);
            let took = changed.map(|at| now.saturating_duration_since(at));
            if let Some(took) = took {
                self.times.entry(shown.camera).or_default().push(took);
            }
            Seen::Shown { tally: lamp, took }
        } else if shown.tally == Tally::Unknown {
            page.owed = None;
            Seen::Unknown
        } else {
            return; // an older word's colour: the newer one is still on its way
        };
        page.notice(shown.page, seen, &mut self.noticed);
    }

    /// The cloud cannot be heard: nobody knows who is there, save those who are `heard` without it. It tells every page
    /// again when it is back.
    pub fn handle_absence(&mut self, heard: impl Fn(PageNumber) -> bool) {
        self.pages.retain(|page, _| heard(*page));
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        for (number, page) in &mut self.pages {
            let Some(camera) = page.camera else { continue };
            if page.owed.is_some_and(|owed| now >= owed.due) {
                page.owed = None;
                let tally = self.lamps.get(&camera).copied().unwrap_or(Tally::Unknown);
                page.notice(*number, Seen::Missing { tally }, &mut self.noticed);
            }
        }
    }

    /// When a page is next found to be missing.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.pages.values().filter_map(|page| Some(page.owed?.due)).min()
    }

    /// What was noticed; drain to `None` after each mutation.
    pub fn poll_output(&mut self) -> Option<Observation> {
        self.noticed.pop_front()
    }

    /// How a page stands to its lamp; `None` until it has said so or is late.
    pub fn seen(&self, page: PageNumber) -> Option<Seen> {
        self.pages.get(&page)?.seen
    }

    /// Every camera of the show, counted.
    pub fn accounts(&self) -> Vec<CameraAccount> {
        self.lamps.iter().map(|(camera, tally)| self.account(*camera, *tally)).collect()
    }

    fn account(&self, camera: CameraNumber, tally: Tally) -> CameraAccount {
        let times = self.times.get(&camera);
        let mut account = CameraAccount {
            camera,
            tally,
            confirmed: 0,
            last: times.and_then(|times| times.last),
            p95: times.and_then(Times::p95),
            missing: Vec::new(),
            unknown: Vec::new(),
        };
        for (number, page) in self.pages.iter().filter(|(_, page)| page.camera == Some(camera)) {
            match page.seen {
                // A change that it owes is not late yet: it is neither here nor there.
                Some(Seen::Shown { tally: shown, .. }) if shown == tally => account.confirmed += 1,
                Some(Seen::Shown { .. }) | None => {}
                Some(Seen::Missing { .. }) => account.missing.push(*number),
                Some(Seen::Unknown) => account.unknown.push(*number),
            }
        }
        account
    }
}

impl Page {
    /// Tells what is news: a change, and each confirmation of one.
    fn notice(&mut self, page: PageNumber, seen: Seen, noticed: &mut VecDeque<Observation>) {
        let before = self.seen.replace(seen);
        let same = match (before, seen) {
            (Some(Seen::Shown { tally: a, .. }), Seen::Shown { tally: b, took }) => a == b && took.is_none(),
            (before, seen) => before == Some(seen),
        };
        if let Some(camera) = self.camera.filter(|_| !same) {
            noticed.push_back(Observation { page, camera, seen });
        }
    }
}

impl Times {
    fn push(&mut self, took: Duration) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(took);
        self.last = self.last.max(Some(took));
    }

    fn p95(&self) -> Option<Duration> {
        let mut sorted: Vec<_> = self.kept.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * 95).div_ceil(100);
        sorted.get(rank.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests;
