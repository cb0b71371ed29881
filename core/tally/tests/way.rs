//! One tally's whole way in virtual time: directors that come, go and come back, a relay that restarts, a network
//! that delays, reorders and loses, pages that join late. Against a reference of a few lines, from fixed seeds.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test, with the line")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use returnfeed_protocol::{CameraNumber, Epoch, TALLY_FRESH_MS, Tally, TallySequence, TallyState};
use returnfeed_tally::{
    CameraPlan, Director, DirectorConfig, Feed, Follower, GreenRule, Hub, InputFact, SwitcherName,
};

const TICK: Duration = Duration::from_millis(50);
/// At most this long on each of the two wires, so that 3 s hold end to end.
const WIRE_TICKS: u32 = 5;
const FRESH: Duration = Duration::from_millis(TALLY_FRESH_MS);
const INPUTS: [&str; 3] = ["a", "b", "c"];
const SWITCHER: &str = "test";

#[derive(Debug, Clone)]
enum Step {
    Wait {
        ticks: u32,
    },
    Cut {
        programme: usize,
        preview: usize,
    },
    SwitcherIsLost,
    /// A newer run takes over; the older one may not notice.
    NewRun {
        old_goes: bool,
    },
    /// An older run says hello again.
    StaleHello,
    DirectorDies,
    RelayRestarts,
    PageJoins {
        camera: u16,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..40u32).prop_map(|ticks| Step::Wait { ticks }),
        5 => (0..3usize, 0..3usize).prop_map(|(programme, preview)| Step::Cut { programme, preview }),
        1 => Just(Step::SwitcherIsLost),
        2 => any::<bool>().prop_map(|old_goes| Step::NewRun { old_goes }),
        1 => Just(Step::StaleHello),
        1 => Just(Step::DirectorDies),
        1 => Just(Step::RelayRestarts),
        2 => (1..=4u16).prop_map(|camera| Step::PageJoins { camera }),
    ]
}

struct Run {
    director: Director,
    epoch: Epoch,
}

struct Page {
    follower: Follower,
    camera: CameraNumber,
    /// Every word that arrived: until when it is fresh, and all of it.
    arrived: Vec<(Instant, TallyState)>,
}

struct World {
    now: Instant,
    runs: Vec<Run>,
    granted: u64,
    hub: Hub,
    up: Vec<(Instant, Epoch, TallyState)>,
    down: Vec<(Instant, usize, Duration, TallyState)>,
    pages: Vec<Page>,
    made: HashMap<(Epoch, TallySequence), Instant>,
    taken: Option<(Epoch, TallySequence)>,
    /// For each message in turn: ticks on the wire; none: lost.
    wire: Vec<Option<u32>>,
    sent: usize,
}

#[expect(clippy::disallowed_methods, reason = "an Instant has no other origin; only differences are used")]
fn start() -> Instant {
    Instant::now()
}

fn camera(number: u16) -> CameraNumber {
    number.try_into().unwrap()
}

impl World {
    fn new(wire: Vec<Option<u32>>) -> Self {
        let mut world = Self {
            now: start(),
            runs: Vec::new(),
            granted: 0,
            hub: Hub::new(Epoch(0)),
            up: Vec::new(),
            down: Vec::new(),
            pages: Vec::new(),
            made: HashMap::new(),
            taken: None,
            wire,
            sent: 0,
        };
        world.new_run();
        world.join(1);
        world
    }

    fn new_run(&mut self) {
        self.granted += 1;
        let epoch = Epoch(self.granted);
        // Camera 4 has no input; camera 3 has two.
        let plan = |number: u16, inputs: &[&str]| CameraPlan {
            camera: camera(number),
            name: String::new(),
            feeds: inputs.iter().map(|&input| Feed::of(SWITCHER, input)).collect(),
        };
        let cameras = vec![plan(1, &["a"]), plan(2, &["b"]), plan(3, &["b", "c"]), plan(4, &[])];
        let config = DirectorConfig { epoch, green: GreenRule::PreviewBus, cameras };
        self.runs.push(Run { director: Director::new(config, self.now).unwrap(), epoch });
        self.hub.handle_hello(epoch).unwrap();
    }

    fn join(&mut self, number: u16) {
        let page = self.pages.len();
        let camera = camera(number);
        self.pages.push(Page { follower: Follower::new(camera), camera, arrived: Vec::new() });
        if let Some(snapshot) = self.hub.snapshot(self.now) {
            self.send_down(page, snapshot.age, snapshot.state);
        }
    }

    fn wire(&mut self) -> Option<Instant> {
        self.sent += 1;
        self.wire[self.sent % self.wire.len()].map(|ticks| self.now + TICK * ticks)
    }

    fn send_down(&mut self, page: usize, age: Duration, state: TallyState) {
        if let Some(due) = self.wire() {
            self.down.push((due, page, age, state));
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Wait { ticks } => (0..*ticks).for_each(|_| self.tick()),
            Step::Cut { programme, preview } => {
                let fact = |(place, name): (usize, &&str)| InputFact {
                    programme: place == *programme,
                    preview: place == *preview,
                    ..InputFact::new(None, *name)
                };
                if let Some(run) = self.runs.last_mut() {
                    let inputs = INPUTS.iter().enumerate().map(fact).collect();
                    run.director.handle_inputs(&SwitcherName::from(SWITCHER), inputs, self.now);
                }
            }
            Step::SwitcherIsLost => {
                if let Some(run) = self.runs.last_mut() {
                    run.director.handle_lost(&SwitcherName::from(SWITCHER), "gone", self.now);
                }
            }
            Step::NewRun { old_goes } => {
                if *old_goes {
                    self.runs.clear();
                }
                self.new_run();
            }
            Step::StaleHello => {
                let newest = self.hub.newest();
                for run in self.runs.iter().filter(|run| run.epoch < newest) {
                    assert!(self.hub.handle_hello(run.epoch).is_err(), "a stale director is refused");
                }
            }
            Step::DirectorDies => self.runs.clear(),
            Step::RelayRestarts => {
                self.hub = Hub::new(self.hub.newest());
                self.taken = None;
                self.up.clear();
                self.down.clear();
            }
            Step::PageJoins { camera } => self.join(*camera),
        }
        self.tick();
    }

    fn tick(&mut self) {
        self.now += TICK;
        for index in 0..self.runs.len() {
            let run = &mut self.runs[index];
            run.director.handle_timeout(self.now);
            let (epoch, word) = (run.epoch, run.director.poll_output());
            let Some(word) = word else { continue };
            let before = self.made.insert((word.epoch, word.seq), self.now);
            assert_eq!(before, None, "each word has a number of its own");
            if let Some(due) = self.wire() {
                self.up.push((due, epoch, word));
            }
        }
        self.arrive_at_relay();
        self.arrive_at_pages();
        for page in &self.pages {
            self.check(page);
        }
    }

    fn arrive_at_relay(&mut self) {
        let now = self.now;
        for (_, epoch, word) in extract(&mut self.up, |(due, ..)| *due <= now) {
            if self.hub.handle_word(epoch, word.clone(), now).is_err() {
                continue;
            }
            let order = (word.epoch, word.seq);
            assert_eq!(word.epoch, self.hub.newest(), "a stale director's word is never taken");
            assert!(self.taken < Some(order), "words are taken in order");
            self.taken = Some(order);
            for page in 0..self.pages.len() {
                self.send_down(page, Duration::ZERO, word.clone());
            }
        }
    }

    fn arrive_at_pages(&mut self) {
        let now = self.now;
        for (_, page, age, word) in extract(&mut self.down, |(due, ..)| *due <= now) {
            let page = &mut self.pages[page];
            let newest = page.arrived.iter().all(|(_, before)| word.supersedes(before));
            assert_eq!(page.follower.handle_word(word.clone(), age, now), newest);
            page.arrived.push((now + FRESH.saturating_sub(age), word));
        }
    }

    fn check(&self, page: &Page) {
        let newest = page.arrived.iter().max_by_key(|(_, word)| (word.epoch, word.seq));
        let expected = match newest {
            Some((until, word)) if self.now < *until => {
                word.cameras.iter().find(|lamp| lamp.camera == page.camera).map(|lamp| lamp.tally)
            }
            Some(_) | None => None,
        };
        let shows = page.follower.shows(self.now);
        assert_eq!(shows, expected.unwrap_or(Tally::Unknown), "the page and the reference agree");
        if matches!(shows, Tally::Program | Tally::Preview) {
            let (_, word) = newest.unwrap();
            let since = self.now - self.made[&(word.epoch, word.seq)];
            let bound = Duration::from_secs(3);
            assert!(since <= bound, "a colour is shown {since:?} after the director's word was made");
        }
    }
}

fn extract<T>(items: &mut Vec<T>, due: impl Fn(&T) -> bool) -> Vec<T> {
    let (now, later) = std::mem::take(items).into_iter().partition(due);
    *items = later;
    now
}

fn config(seed: u64) -> Config {
    Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::with_cases(400) }
}

fn lossy() -> impl Strategy<Value = Vec<Option<u32>>> {
    prop::collection::vec(prop_oneof![4 => (0..=WIRE_TICKS).prop_map(Some), 1 => Just(None)], 7..60)
}

proptest! {
    #![proptest_config(config(0x7A11_0001))]

    #[test]
    fn no_page_shows_a_colour_too_long_nor_a_stale_directors_word(
        wire in lossy(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new(wire);
        for step in &steps {
            world.take(step);
        }
        // The link dies: three seconds later nobody shows a colour.
        world.take(&Step::DirectorDies);
        world.up.clear();
        world.take(&Step::Wait { ticks: 60 });
        for page in &world.pages {
            prop_assert!(!matches!(page.follower.shows(world.now), Tally::Program | Tally::Preview));
        }
    }

    #[test]
    fn what_was_lost_is_healed_by_the_next_word(
        wire in lossy(),
        steps in prop::collection::vec(step(), 1..30),
        programme in 0..3usize,
        number in 1..=4u16,
    ) {
        let mut world = World::new(wire);
        for step in &steps {
            world.take(step);
        }
        world.wire = vec![Some(WIRE_TICKS)];
        for step in [
            Step::NewRun { old_goes: true },
            Step::PageJoins { camera: number },
            Step::Cut { programme, preview: (programme + 1) % 3 },
            Step::Wait { ticks: 2 * WIRE_TICKS },
        ] {
            world.take(&step);
        }
        let lamps = world.runs[0].director.lamps();
        for page in &world.pages {
            let truth = lamps.iter().find(|lamp| lamp.camera == page.camera).unwrap().tally;
            prop_assert_eq!(page.follower.shows(world.now), truth);
        }
    }
}
