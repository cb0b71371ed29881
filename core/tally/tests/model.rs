//! The rules of a lamp against a reference that says them as a person would, over histories from committed seeds:
//! switchers that cut, mix, key, vanish and come back, shows that are changed on air, lamps that are tested.
//!
//! `RETURNFEED_CASES` multiplies the histories; a long run (`RETURNFEED_LONG`) has fifty times as many.

#![expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test, with the line")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use returnfeed_protocol::{CameraLamp, Epoch, Tally, TallyReason, TallyState};
use returnfeed_tally::{
    CameraPlan, Director, DirectorConfig, Feed, GreenRule, InputFact, InputRef, Lamps, SwitcherName,
};

const SWITCHERS: [&str; 3] = ["vMix", "OBS", "ATEM"];
const INPUTS: u16 = 4;
const STEPS: usize = 40;

/// splitmix64: a history is one seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn switcher(&mut self) -> &'static str {
        SWITCHERS[self.roll(3) as usize]
    }

    fn tally(&mut self) -> Tally {
        [Tally::Program, Tally::Preview, Tally::Idle][self.roll(3) as usize]
    }

    /// By number, by name, or one that no switcher has.
    fn input(&mut self) -> String {
        match (self.roll(8), 1 + self.roll(INPUTS.into())) {
            (0, _) => "crane".to_owned(),
            (1..4, number) => number.to_string(),
            (_, number) => format!("in {number}"),
        }
    }

    fn facts(&mut self) -> Vec<InputFact> {
        let last = 1 + self.roll(INPUTS.into()) as u16;
        let fact = |number: u16| InputFact {
            programme: self.roll(3) == 0,
            preview: self.roll(3) == 0,
            ..InputFact::new(Some(number), format!("in {number}"))
        };
        (1..=last).map(fact).collect()
    }

    fn show(&mut self) -> Vec<CameraPlan> {
        let cameras = 1 + self.roll(4) as u16;
        (1..=cameras).map(|number| self.camera(number)).collect()
    }

    fn camera(&mut self, number: u16) -> CameraPlan {
        let feeds = (0..self.roll(4))
            .map(|_| {
                let own = Feed::of(self.switcher(), self.input());
                (0..self.roll(3)).fold(own, |feed, _| feed.through(self.switcher(), self.input()))
            })
            .collect();
        CameraPlan { camera: number.try_into().unwrap(), name: String::new(), feeds }
    }
}

/// What a person would say.
struct Reference {
    now: Instant,
    heard: BTreeMap<&'static str, Vec<InputFact>>,
    show: Vec<CameraPlan>,
    green: GreenRule,
    tests: BTreeMap<u16, (Tally, Instant)>,
}

impl Reference {
    /// The inputs meant; `None`: nobody can say what they do.
    fn meant(&self, wanted: &InputRef) -> Option<Vec<&InputFact>> {
        let inputs = self.heard.get(wanted.switcher.as_str())?;
        let number: Vec<_> = inputs
            .iter()
            .filter(|i| i.index.map(|n| n.to_string()).as_deref() == Some(&wanted.input))
            .collect();
        let name: Vec<_> = inputs.iter().filter(|i| i.name == wanted.input).collect();
        Some(if number.is_empty() { name } else { number }).filter(|meant| !meant.is_empty())
    }

    fn is(&self, wanted: &InputRef, on: fn(&InputFact) -> bool) -> bool {
        self.meant(wanted).is_some_and(|meant| meant.into_iter().any(on))
    }

    fn truth(&self, camera: &CameraPlan) -> Tally {
        let red = |feed: &Feed| feed.links().all(|link| self.is(link, |input| input.programme));
        let unknown = |link: &InputRef| self.meant(link).is_none();
        let lit = |link: &InputRef| self.is(link, |input| input.programme || input.preview);
        let perhaps = |feed: &Feed| feed.links().any(unknown) && feed.links().all(|l| unknown(l) || lit(l));
        let green = |feed: &Feed| feed.links().all(lit);
        if camera.feeds.iter().any(red) {
            Tally::Program
        } else if camera.feeds.is_empty() || camera.feeds.iter().any(perhaps) {
            Tally::Unknown
        } else if camera.feeds.iter().any(green) || self.green == GreenRule::EveryOther {
            Tally::Preview
        } else {
            Tally::Idle
        }
    }

    fn shows(&self, camera: &CameraPlan) -> (Tally, bool) {
        let tested = self.tests.get(&camera.camera.get()).filter(|(_, until)| self.now < *until);
        match (self.truth(camera), tested) {
            (Tally::Program, _) => (Tally::Program, false),
            (_, Some((tested, _))) => (*tested, true),
            (truth, None) => (truth, false),
        }
    }

    /// The reason is one of those that lead to the lamp, and what it names is true.
    fn justifies(&self, lamp: &CameraLamp, camera: &CameraPlan) -> bool {
        let named = |switcher: &str, label: &str, on: fn(&InputFact) -> bool| {
            self.heard[switcher].iter().any(|input| input.name == label)
                && camera
                    .feeds
                    .iter()
                    .flat_map(Feed::links)
                    .any(|link| link.switcher.as_str() == switcher && self.is(link, on))
        };
        match (&lamp.reason, lamp.tally) {
            (TallyReason::OnProgramme { switcher, input }, Tally::Program) => {
                named(switcher, input, |input| input.programme)
            }
            (TallyReason::OnPreview { switcher, input }, Tally::Preview) => {
                named(switcher, input, |input| input.preview)
            }
            (TallyReason::EveryOther, Tally::Preview) => self.green == GreenRule::EveryOther,
            (TallyReason::NotInUse, Tally::Idle) => true,
            (TallyReason::NotMapped, Tally::Unknown) => camera.feeds.is_empty(),
            (TallyReason::SwitcherLost { switcher, .. }, Tally::Unknown) => {
                !self.heard.contains_key(switcher.as_str())
            }
            (TallyReason::InputAbsent { switcher, .. }, Tally::Unknown) => {
                self.heard.contains_key(switcher.as_str())
            }
            (TallyReason::Test, _) => self.tests.contains_key(&lamp.camera.get()),
            _ => false,
        }
    }
}

fn step(dice: &mut Dice, director: &mut Director, reference: &mut Reference) {
    let now = reference.now;
    match dice.roll(12) {
        0..5 => {
            let (switcher, facts) = (dice.switcher(), dice.facts());
            director.handle_inputs(&SwitcherName::from(switcher), facts.clone(), now);
            reference.heard.insert(switcher, facts);
        }
        5 => {
            let switcher = dice.switcher();
            director.handle_lost(&SwitcherName::from(switcher), "gone", now);
            reference.heard.remove(switcher);
        }
        6 => {
            reference.show = dice.show();
            director.set_cameras(reference.show.clone(), now).unwrap();
        }
        7 => {
            reference.green = [GreenRule::PreviewBus, GreenRule::EveryOther][dice.roll(2) as usize];
            director.set_green(reference.green, now);
        }
        8 => {
            let (camera, tally) = (1 + dice.roll(4) as u16, dice.tally());
            director.test(Lamps::Of(camera.try_into().unwrap()), tally, now);
            if reference.show.iter().any(|plan| plan.camera.get() == camera) {
                reference.tests.insert(camera, (tally, now + Duration::from_secs(10)));
            }
        }
        9 => {
            director.end_test(Lamps::All, now);
            reference.tests.clear();
        }
        _ => {
            reference.now += Duration::from_millis(dice.roll(6_000));
            director.handle_timeout(reference.now);
        }
    }
}

fn history(seed: u64) {
    let (mut dice, now) = (Dice(seed), Instant::now());
    let show = dice.show();
    let config = DirectorConfig { epoch: Epoch(1), green: GreenRule::PreviewBus, cameras: show.clone() };
    let mut director = Director::new(config, now).unwrap();
    let mut reference =
        Reference { now, heard: BTreeMap::new(), show, green: GreenRule::PreviewBus, tests: BTreeMap::new() };
    let mut last: Option<TallyState> = None;
    for place in 0..STEPS {
        step(&mut dice, &mut director, &mut reference);
        if let Some(word) = director.poll_output() {
            assert!(last.as_ref().is_none_or(|last| word.supersedes(last)), "seed {seed}, step {place}");
            last = Some(word);
        }
        let said = &last.as_ref().unwrap().cameras;
        assert_eq!(said.len(), reference.show.len(), "seed {seed}, step {place}");
        for (lamp, camera) in said.iter().zip(&reference.show) {
            let tested = lamp.reason == TallyReason::Test;
            assert_eq!((lamp.tally, tested), reference.shows(camera), "seed {seed}, step {place}: {lamp:?}");
            assert!(reference.justifies(lamp, camera), "seed {seed}, step {place}: {lamp:?}");
        }
    }
}

#[test]
fn whatever_the_switchers_do_each_lamp_shows_what_a_person_would_say() {
    let factor = std::env::var("RETURNFEED_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let base = if std::env::var_os("RETURNFEED_LONG").is_some() { 100_000 } else { 2_000 };
    for seed in 0..base * factor {
        history(seed);
    }
}
