//! What was on air, one after the other, and how each came.
//!
//! Of a show that another switcher makes, its tally is all there is: two inputs that are RED at once and of which the new
//! one stays were a mix, and nobody says whether it was a wipe.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::entry::{Effect, Happening, Manner};
use crate::evening::{Evening, Run};

/// Two inputs that are on air together for longer are no transition.
const LONGEST: Duration = Duration::from_secs(10);

/// Something that was on air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// Its name; `None`: nothing that is known of.
    pub name: Option<String>,
    /// When it came, on the evening's timeline; of a transition: its first frame.
    pub begin: Duration,
    /// When the next one came.
    pub end: Duration,
    /// How it came.
    pub entrance: Entrance,
}

/// How something came on air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// At once.
    Cut,
    /// By a transition of this length, as it was and not as it was meant.
    Effect(Manner, Duration),
}

/// Every shot of every run; between runs there is none.
pub fn shots(evening: &Evening) -> Vec<Shot> {
    evening.runs.iter().flat_map(|run| if run.beside { beside(run) } else { built_in(run) }).collect()
}

#[derive(Default)]
struct Reel {
    done: Vec<Shot>,
    now: Option<Shot>,
}

impl Reel {
    fn begin(&mut self, name: Option<String>, at: Duration, entrance: Entrance) {
        self.close(at);
        self.now = Some(Shot { name, begin: at, end: at, entrance });
    }

    fn close(&mut self, at: Duration) {
        if let Some(mut shot) = self.now.take() {
            shot.end = at.max(shot.begin);
            if let Entrance::Effect(_, length) = &mut shot.entrance {
                *length = (*length).min(shot.end - shot.begin);
            }
            self.done.push(shot);
        }
    }

    fn end(mut self, at: Duration) -> Vec<Shot> {
        self.close(at);
        self.done
    }
}

fn built_in(run: &Run) -> Vec<Shot> {
    let mut reel = Reel::default();
    let mut on_air = None;
    let mut announced: Option<Effect> = None;
    // The transition that brought what is on air now, while it runs.
    let mut comes = false;
    for (at, what) in &run.happened {
        match what {
            Happening::Transition { running: Some(effect) } => announced = Some(*effect),
            Happening::Buses { programme, incoming, .. } => {
                let newest = incoming.unwrap_or(*programme);
                if comes && incoming.is_none() {
                    comes = false;
                    // A cut may have ended it before its time.
                    if let Some(Shot { begin, entrance: Entrance::Effect(_, length), .. }) = &mut reel.now {
                        *length = (*length).min(at.saturating_sub(*begin));
                    }
                }
                if on_air.replace(newest) == Some(newest) {
                    continue;
                }
                let name = run.sources.get(&newest).cloned().or_else(|| Some(format!("Source {newest}")));
                let entrance = match (incoming, announced) {
                    (Some(_), Some(effect)) => {
                        Entrance::Effect(effect.manner, Duration::from_millis(effect.duration_ms))
                    }
                    (Some(_) | None, _) => Entrance::Cut,
                };
                comes = matches!(entrance, Entrance::Effect(..));
                reel.begin(name, *at, entrance);
            }
            _ => {}
        }
    }
    reel.end(run.end)
}

fn beside(run: &Run) -> Vec<Shot> {
    let mut said: BTreeMap<&str, &[String]> = BTreeMap::new();
    let mut reel = Reel::default();
    // What is on air, and since when it shares the programme with what came.
    let mut on_air: Option<Vec<String>> = None;
    let mut shares: Option<(Duration, Vec<String>)> = None;
    for (at, what) in &run.happened {
        let Happening::OnAir { switcher, inputs } = what else { continue };
        said.insert(switcher, inputs);
        let mut now: Vec<String> = said.values().copied().flatten().cloned().collect();
        now.sort_unstable();
        now.dedup();
        if on_air.as_ref() == Some(&now) {
            continue;
        }
        let before = on_air.replace(now.clone()).unwrap_or_default();
        if let Some((since, came)) = shares.take() {
            if now == came && at.saturating_sub(since) <= LONGEST {
                reel.begin(name(&now), since, Entrance::Effect(Manner::Mix, at.saturating_sub(since)));
                continue;
            }
            reel.begin(name(&before), since, Entrance::Cut);
        }
        let came: Vec<String> = now.iter().filter(|input| !before.contains(input)).cloned().collect();
        let stayed = came.len() < now.len();
        if stayed && !came.is_empty() && !before.is_empty() {
            shares = Some((*at, came));
        } else {
            reel.begin(name(&now), *at, Entrance::Cut);
        }
    }
    if let (Some((since, _)), Some(now)) = (shares, on_air) {
        reel.begin(name(&now), since, Entrance::Cut);
    }
    reel.end(run.end)
}

fn name(inputs: &[String]) -> Option<String> {
    (!inputs.is_empty()).then(|| inputs.join(" + "))
}
