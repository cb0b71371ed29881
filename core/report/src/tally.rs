//! Who saw which lamp: per camera how often it was RED, how soon that was shown, where nobody confirmed it, and when
//! somebody or something was away.
//!
//! It refuses to count what was only tried, and to call a page that came back at once away.

use std::collections::BTreeMap;
use std::time::Duration;

use returnfeed_protocol::{CameraNumber, PageNumber, ParticipantId, Tally};
use serde::Serialize;

use crate::entry::{Happening, Health};
use crate::evening::{Evening, Run};
use crate::wall::WallTime;

/// A page is told of anew when the connection was broken; who is back within this was not away.
const BACK_AT_ONCE: Duration = Duration::from_secs(3);

/// The whole account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TallyReport {
    /// What the show is called.
    pub show: String,
    /// When it began.
    pub began: WallTime,
    /// How long it was.
    #[serde(rename = "length_ms", serialize_with = "millis")]
    pub length: Duration,
    /// By camera number.
    pub cameras: Vec<CameraTally>,
    /// In the order in which they began.
    pub outages: Vec<Outage>,
    /// Lines of the log that could not be read, or that the disk did not take.
    pub lines_missing: u64,
}

/// One camera's lamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CameraTally {
    /// Which.
    pub camera: CameraNumber,
    /// Its name in the show.
    pub name: String,
    /// How often it went RED.
    pub red: usize,
    /// For how long it was.
    #[serde(rename = "red_ms", serialize_with = "millis")]
    pub red_for: Duration,
    /// How often it went GREEN.
    pub green: usize,
    /// How often nobody could say.
    pub unknown: usize,
    /// How soon a change to RED was shown; absent where no page confirmed one.
    pub red_shown: Option<Latency>,
    /// How soon any change was shown.
    pub shown: Option<Latency>,
    /// Lamps that a page did not confirm in time.
    pub unconfirmed: Vec<Unconfirmed>,
}

/// From the director's word to the page's answer at the director's, the way back included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// How many.
    pub count: usize,
    /// Half of them were not slower.
    pub p50_ms: u64,
    /// 95 of 100 were not slower.
    pub p95_ms: u64,
    /// The slowest.
    pub max_ms: u64,
}

/// A lamp that a page did not confirm in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unconfirmed {
    /// When that was noticed.
    pub at: WallTime,
    /// Whose page.
    pub operator: String,
    /// What it should have shown.
    pub tally: Tally,
    /// When it did show it, counted from the director's word; absent: never, or nobody knows.
    pub shown_after_ms: Option<u64>,
}

/// Something was away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// What.
    #[serde(flatten)]
    pub of: OutageOf,
    /// From when.
    pub from: WallTime,
    /// For how long; absent: until the end.
    #[serde(rename = "lasted_ms", serialize_with = "maybe_millis")]
    pub lasted: Option<Duration>,
    /// Why, as it was said.
    pub reason: Option<String>,
}

/// What can be away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum OutageOf {
    /// The connection to the cloud.
    Cloud,
    /// A foreign switcher.
    Switcher {
        /// Its name.
        name: String,
    },
    /// A source's pictures.
    Source {
        /// Its name.
        name: String,
    },
    /// An operator.
    Operator {
        /// As they named themselves.
        name: String,
        /// Which camera they followed.
        camera: Option<CameraNumber>,
        /// Who.
        participant: ParticipantId,
    },
    /// The director itself: it was killed, and started again.
    Director,
}

impl TallyReport {
    /// Of an evening.
    pub fn new(evening: &Evening) -> Self {
        let mut account = Account::default();
        for (run, at, what) in evening.happened() {
            account.take(run, at, what);
        }
        let mut outages = outages(evening);
        outages.sort_by(|a, b| (a.from.us, &a.of).cmp(&(b.from.us, &b.of)));
        Self {
            show: evening.show().to_owned(),
            began: evening.began(),
            length: evening.length(),
            cameras: account.cameras(evening.length()),
            outages,
            lines_missing: u64::try_from(evening.damaged).unwrap_or(u64::MAX).saturating_add(evening.lost),
        }
    }
}

// ---- lamps ----

#[derive(Default)]
struct Account {
    lamps: BTreeMap<CameraNumber, Lamp>,
    /// Of each page: where its lamp's account says that it did not confirm.
    owes: BTreeMap<PageNumber, (CameraNumber, usize)>,
    run: Option<Duration>,
}

#[derive(Default)]
struct Lamp {
    name: String,
    tally: Option<Tally>,
    red_since: Option<Duration>,
    red: usize,
    red_for: Duration,
    green: usize,
    unknown: usize,
    red_shown: Vec<u64>,
    shown: Vec<u64>,
    unconfirmed: Vec<Unconfirmed>,
}

impl Account {
    fn take(&mut self, run: &Run, at: Duration, what: &Happening) {
        if self.run.replace(run.begin) != Some(run.begin) {
            // Pages are counted anew, and no lamp burnt while nothing ran.
            self.owes.clear();
        }
        match what {
            Happening::Lamp { camera, name, tally, test: false } => {
                let lamp = self.lamps.entry(*camera).or_default();
                lamp.name.clone_from(name);
                lamp.change(*tally, at);
            }
            Happening::Shown { page, camera, tally, took_ms, .. } => {
                if let Some((owed, place)) = self.owes.remove(page)
                    && let Some(late) =
                        self.lamps.get_mut(&owed).and_then(|lamp| lamp.unconfirmed.get_mut(place))
                    && owed == *camera
                    && late.tally == *tally
                {
                    late.shown_after_ms = *took_ms;
                }
                let lamp = self.lamps.entry(*camera).or_default();
                lamp.shown.extend(*took_ms);
                if *tally == Tally::Program {
                    lamp.red_shown.extend(*took_ms);
                }
            }
            Happening::Missing { page, name, camera, tally } => {
                let lamp = self.lamps.entry(*camera).or_default();
                self.owes.insert(*page, (*camera, lamp.unconfirmed.len()));
                let (at, operator) = (run.wall(at), name.clone());
                lamp.unconfirmed.push(Unconfirmed { at, operator, tally: *tally, shown_after_ms: None });
            }
            _ => {}
        }
        if at == run.end || matches!(what, Happening::End { .. }) {
            self.lamps.values_mut().for_each(|lamp| lamp.red_ends(run.end));
        }
    }

    fn cameras(self, end: Duration) -> Vec<CameraTally> {
        let camera = |(camera, mut lamp): (CameraNumber, Lamp)| {
            lamp.red_ends(end);
            CameraTally {
                camera,
                name: lamp.name,
                red: lamp.red,
                red_for: lamp.red_for,
                green: lamp.green,
                unknown: lamp.unknown,
                red_shown: Latency::of(lamp.red_shown),
                shown: Latency::of(lamp.shown),
                unconfirmed: lamp.unconfirmed,
            }
        };
        self.lamps.into_iter().map(camera).collect()
    }
}

impl Lamp {
    fn change(&mut self, tally: Tally, at: Duration) {
        if self.tally.replace(tally) == Some(tally) && (tally != Tally::Program || self.red_since.is_some()) {
            return;
        }
        self.red_ends(at);
        match tally {
            Tally::Program => {
                self.red += 1;
                self.red_since = Some(at);
            }
            Tally::Preview => self.green += 1,
            Tally::Unknown => self.unknown += 1,
            Tally::Idle => {}
        }
    }

    fn red_ends(&mut self, at: Duration) {
        if let Some(since) = self.red_since.take() {
            self.red_for += at.saturating_sub(since);
        }
    }
}

impl Latency {
    fn of(mut all: Vec<u64>) -> Option<Self> {
        all.sort_unstable();
        // Nearest rank.
        let rank = |percent: usize| all.get((all.len() * percent).div_ceil(100).max(1) - 1).copied();
        Some(Self { count: all.len(), p50_ms: rank(50)?, p95_ms: rank(95)?, max_ms: *all.last()? })
    }
}

// ---- outages ----

fn outages(evening: &Evening) -> Vec<Outage> {
    let mut outages = Vec::new();
    for (run, next) in evening.runs.iter().zip(evening.runs.iter().skip(1)) {
        if !run.ended {
            let lasted = Some(next.begin.saturating_sub(run.end));
            outages.push(Outage { of: OutageOf::Director, from: run.wall(run.end), lasted, reason: None });
        }
    }
    for run in &evening.runs {
        outages.extend(of_run(run));
    }
    outages
}

/// What was away within a run: a restart is an outage of its own.
fn of_run(run: &Run) -> Vec<Outage> {
    let mut open: BTreeMap<OutageOf, (Duration, Option<String>)> = BTreeMap::new();
    let mut outages = Vec::new();
    for (at, what) in &run.happened {
        let (of, health) = match what {
            Happening::Cloud { health } => (OutageOf::Cloud, health.clone()),
            // Nobody misses a cloud that nobody asks for any more.
            Happening::Air { on: false } => (OutageOf::Cloud, Health::UP),
            Happening::Switcher { switcher, health } => {
                (OutageOf::Switcher { name: switcher.clone() }, health.clone())
            }
            Happening::Source { source, health } => {
                let name = run.sources.get(source).cloned().unwrap_or_else(|| source.to_string());
                (OutageOf::Source { name }, health.clone())
            }
            Happening::Operator { participant, name, camera, here } => {
                let of =
                    OutageOf::Operator { name: name.clone(), camera: *camera, participant: *participant };
                (of, Health { up: *here, reason: None })
            }
            _ => continue,
        };
        match health.up {
            // The first of several words for it counts.
            false => drop(open.entry(of).or_insert((*at, health.reason))),
            true => {
                if let Some((of, (since, reason))) = take(&mut open, &of) {
                    let lasted = at.saturating_sub(since);
                    if !matches!(of, OutageOf::Operator { .. }) || lasted >= BACK_AT_ONCE {
                        outages.push(Outage { of, from: run.wall(since), lasted: Some(lasted), reason });
                    }
                }
            }
        }
    }
    let left = |(of, (since, reason))| Outage { of, from: run.wall(since), lasted: None, reason };
    // Who leaves when it ends was not away.
    let at_the_end = |since: Duration| run.ended && run.end.saturating_sub(since) < BACK_AT_ONCE;
    outages.extend(open.into_iter().filter(|(_, (since, _))| !at_the_end(*since)).map(left));
    outages
}

/// The outage that this ends; an operator may come back under another name, or to another camera.
fn take<T>(open: &mut BTreeMap<OutageOf, T>, of: &OutageOf) -> Option<(OutageOf, T)> {
    let same = |one: &OutageOf| match (one, of) {
        (OutageOf::Operator { participant: one, .. }, OutageOf::Operator { participant, .. }) => {
            one == participant
        }
        (one, of) => one == of,
    };
    let key = open.keys().find(|one| same(one))?.clone();
    open.remove_entry(&key)
}

fn whole(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn millis<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(whole(*duration))
}

#[expect(clippy::ref_option, reason = "serde gives references")]
fn maybe_millis<S: serde::Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(whole).serialize(serializer)
}
