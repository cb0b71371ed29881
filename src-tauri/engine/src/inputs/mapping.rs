//! Which input is which camera: as the director wrote it, else by number. Pure.
//!
//! Refuses a switcher that was not named. Invariant: with no foreign switcher and nothing written, source n is camera n.

use std::collections::BTreeMap;

use returnfeed_protocol::CameraNumber;
use returnfeed_tally::{CameraPlan, Feed, InputFact, SwitcherName, meant};

use super::spec::{InputSpec, Kind, same};
use crate::sources::SourceNumber;

/// The built-in switcher's name, in tally reasons and in `--camera`.
pub(crate) const BUILT_IN: &str = "ReturnFeed";

/// Which inputs feed which cameras.
#[derive(Debug, Clone, Default)]
pub struct CameraMap {
    written: BTreeMap<CameraNumber, Vec<Feed>>,
    names: BTreeMap<CameraNumber, String>,
    switchers: Vec<(SwitcherName, By)>,
}

/// By what an unwritten input is a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Its number is the camera's.
    Number,
    /// It has no number: the one at the end of its name is the camera's.
    Name,
}

/// An input and the cameras that it feeds, for the screen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Mapped {
    /// As the switcher calls it.
    pub input: String,
    /// Its number there.
    pub index: Option<u16>,
    /// Which cameras it feeds, alone or with others.
    pub cameras: Vec<CameraNumber>,
}

/// A `--camera` that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Not of its form.
    #[error("{got:?} is not a camera; write N=SWITCHER:INPUT, for example 3=vMix:5 or \"3=OBS:Sony FX3\"")]
    Form {
        /// What was given.
        got: String,
    },
    /// A switcher that no `--tally` names.
    #[error("{got:?} names the switcher {switcher:?}, which no --tally names; there is: {there}")]
    Switcher {
        /// What was given.
        got: String,
        /// Which.
        switcher: String,
        /// Those that are named.
        there: String,
    },
}

impl CameraMap {
    /// Reads every `--camera`: `N=SWITCHER:INPUT`, with `+SWITCHER:INPUT` for each switcher further on.
    ///
    /// # Errors
    /// When one is none.
    pub fn parse(texts: &[String], inputs: &[InputSpec]) -> Result<Self, MapError> {
        let mut map = Self::of_show(BTreeMap::new(), BTreeMap::new(), inputs);
        for text in texts {
            let (camera, feed) = map.feed(text)?;
            map.written.entry(camera).or_default().push(feed);
        }
        Ok(map)
    }

    /// As a show has it; a camera without a name is called by its number.
    pub(crate) fn of_show(
        written: BTreeMap<CameraNumber, Vec<Feed>>,
        names: BTreeMap<CameraNumber, String>,
        inputs: &[InputSpec],
    ) -> Self {
        let by = |kind: &Kind| match kind {
            Kind::Obs { .. } => By::Name,
            Kind::Vmix | Kind::Atem | Kind::Tsl { .. } => By::Number,
        };
        let switchers = inputs.iter().map(|input| (input.name.clone(), by(&input.kind))).collect();
        Self { written, names, switchers }
    }

    fn feed(&self, text: &str) -> Result<(CameraNumber, Feed), MapError> {
        let form = || MapError::Form { got: text.to_owned() };
        let (number, rest) = text.split_once('=').ok_or_else(form)?;
        let number: u16 = number.trim().parse().map_err(|_| form())?;
        let camera = CameraNumber::try_from(number).map_err(|_| form())?;
        let mut links = self.links(rest).into_iter().map(|link| {
            let (switcher, input) = link.split_once(':').ok_or_else(form)?;
            let found = self.names().find(|name| same(name, switcher.trim()));
            let name = found.cloned().ok_or_else(|| MapError::Switcher {
                got: text.to_owned(),
                switcher: switcher.to_owned(),
                there: self.names().map(SwitcherName::as_str).collect::<Vec<_>>().join(", "),
            })?;
            let input = input.trim();
            if input.is_empty() { Err(form()) } else { Ok((name, input.to_owned())) }
        });
        let (switcher, input) = links.next().ok_or_else(form)??;
        let feed = links.try_fold(Feed::of(switcher, input), |feed, link| {
            let (switcher, input) = link?;
            Ok(feed.through(switcher, input))
        })?;
        Ok((camera, feed))
    }

    fn names(&self) -> impl Iterator<Item = &SwitcherName> {
        static BUILT: std::sync::LazyLock<SwitcherName> = std::sync::LazyLock::new(|| BUILT_IN.into());
        self.switchers.iter().map(|(name, _)| name).chain(std::iter::once(&*BUILT))
    }

    /// Cuts at each `+` that a switcher's name follows: an input's own name may hold one.
    fn links<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let begins = |rest: &str| {
            let head = rest.split_once(':').map(|(head, _)| head.trim());
            head.is_some_and(|head| self.names().any(|name| same(name, head)))
        };
        let (mut links, mut from) = (Vec::new(), 0);
        for (at, _) in text.match_indices('+') {
            if begins(text.split_at(at + 1).1) {
                links.push(text.get(from..at).unwrap_or_default());
                from = at + 1;
            }
        }
        links.push(text.get(from..).unwrap_or_default());
        links
    }

    /// The cameras of the show, with what is known of each switcher's inputs.
    pub fn cameras(
        &self,
        sources: impl Iterator<Item = SourceNumber>,
        known: &BTreeMap<SwitcherName, Vec<InputFact>>,
    ) -> Vec<CameraPlan> {
        let mut feeds = self.written.clone();
        if feeds.is_empty() && self.switchers.is_empty() {
            let own = |source: SourceNumber| {
                let camera = CameraNumber::try_from(source.get()).ok()?;
                Some((camera, vec![Feed::of(BUILT_IN, source.to_string())]))
            };
            feeds = sources.filter_map(own).collect();
        } else if feeds.is_empty() {
            for (switcher, by) in &self.switchers {
                for input in known.get(switcher).into_iter().flatten() {
                    if let Some((camera, input)) = by.camera(input) {
                        let feed = Feed::of(switcher.clone(), input);
                        let fed: &mut Vec<Feed> = feeds.entry(camera).or_default();
                        if !fed.contains(&feed) {
                            fed.push(feed);
                        }
                    }
                }
            }
        }
        let name = |camera| self.names.get(&camera).cloned().unwrap_or_else(|| format!("Camera {camera}"));
        let plan = |(camera, feeds)| CameraPlan { camera, name: name(camera), feeds };
        feeds.into_iter().map(plan).collect()
    }
}

impl By {
    /// Which camera an input is, and how it is meant.
    fn camera(self, input: &InputFact) -> Option<(CameraNumber, String)> {
        match self {
            Self::Number => {
                let index = input.index?;
                Some((CameraNumber::try_from(index).ok()?, index.to_string()))
            }
            Self::Name => {
                let start = input.name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
                let number: u16 = input.name.get(start..)?.parse().ok()?;
                Some((CameraNumber::try_from(number).ok()?, input.name.clone()))
            }
        }
    }
}

/// Each input of a switcher, and the cameras that it feeds.
pub(crate) fn mapped(switcher: &SwitcherName, inputs: &[InputFact], cameras: &[CameraPlan]) -> Vec<Mapped> {
    let fed = |input: &InputFact| {
        let feeds = |plan: &&CameraPlan| {
            let mut links = plan.feeds.iter().flat_map(Feed::links);
            links.any(|link| {
                link.switcher == *switcher && meant(inputs, &link.input).any(|each| each == input)
            })
        };
        cameras.iter().filter(feeds).map(|plan| plan.camera).collect()
    };
    let each = |input: &InputFact| Mapped { input: input.label(), index: input.index, cameras: fed(input) };
    inputs.iter().map(each).collect()
}

#[cfg(test)]
mod tests;
