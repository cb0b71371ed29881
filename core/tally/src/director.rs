//! The director's side: what a switcher says becomes one word about every camera.
//!
//! It refuses to guess: until the switcher was heard, and while it cannot be heard, every mapped camera is
//! *unknown*. Invariant: each word has a greater `(epoch, seq)` than the one before it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use returnfeed_protocol::{
    CameraLamp, CameraNumber, Epoch, TALLY_REPEAT_MS, Tally, TallyReason, TallySequence, TallyState,
};

const REPEAT: Duration = Duration::from_millis(TALLY_REPEAT_MS);

/// One camera of the show, and the inputs of the switcher that carry its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraPlan {
    /// As painted on the camera.
    pub camera: CameraNumber,
    /// As the director wrote it.
    pub name: String,
    /// As the switcher names them; none: the camera is *not mapped*.
    pub inputs: Vec<String>,
}

/// What is on the buses now. During a mix both sides are on programme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buses {
    /// Inputs on air.
    pub programme: Vec<String>,
    /// Inputs that come next.
    pub preview: Vec<String>,
}

/// What a director begins with.
#[derive(Debug, Clone)]
pub struct DirectorConfig {
    /// The run; `Epoch(0)` until the cloud granted one.
    pub epoch: Epoch,
    /// The switcher's name, for the reasons.
    pub switcher: String,
    /// The cameras of the show.
    pub cameras: Vec<CameraPlan>,
}

/// A show that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// One number, two cameras.
    #[error("camera {camera} is in the show twice; give each camera its own number")]
    Twice {
        /// Which number.
        camera: CameraNumber,
    },
}

/// Why a director wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// To repeat the whole tally: only the director's word refreshes.
    Repeat,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Heard {
    Buses(Buses),
    Lost { cause: String },
}

/// Makes words.
#[derive(Debug)]
pub struct Director {
    epoch: Epoch,
    seq: TallySequence,
    switcher: String,
    cameras: Vec<CameraPlan>,
    heard: Heard,
    lamps: Vec<CameraLamp>,
    repeat_at: Instant,
    word: Option<TallyState>,
}

impl Director {
    /// A director whose switcher was not heard yet; its first word says so.
    ///
    /// # Errors
    /// When a camera number is in the show twice.
    pub fn new(config: DirectorConfig, now: Instant) -> Result<Self, PlanRefusal> {
        let DirectorConfig { epoch, switcher, cameras } = config;
        let mut director = Self {
            epoch,
            seq: TallySequence(0),
            switcher,
            cameras: ordered(cameras)?,
            heard: Heard::Lost { cause: "it was not heard yet".to_owned() },
            lamps: Vec::new(),
            repeat_at: now,
            word: None,
        };
        director.lamps = director.lamps_now();
        director.speak(now);
        Ok(director)
    }

    /// The switcher said what is on its buses.
    pub fn handle_buses(&mut self, buses: Buses, now: Instant) {
        self.heard = Heard::Buses(buses);
        self.speak_if_changed(now);
    }

    /// The switcher cannot be heard any more, and why.
    pub fn handle_lost(&mut self, cause: impl Into<String>, now: Instant) {
        self.heard = Heard::Lost { cause: cause.into() };
        self.speak_if_changed(now);
    }

    /// The time asked for by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        if now >= self.repeat_at {
            self.speak(now);
        }
    }

    /// The show changed.
    ///
    /// # Errors
    /// When a camera number is in the show twice; the old show stays.
    pub fn set_cameras(&mut self, cameras: Vec<CameraPlan>, now: Instant) -> Result<(), PlanRefusal> {
        self.cameras = ordered(cameras)?;
        self.speak_if_changed(now);
        Ok(())
    }

    /// The cloud granted a run. An older one than the present is passed over.
    pub fn begin_epoch(&mut self, epoch: Epoch, now: Instant) {
        if epoch > self.epoch {
            self.epoch = epoch;
            self.seq = TallySequence(0);
            self.speak(now);
        }
    }

    /// Says the present state once more at once, as to a new connection.
    pub fn repeat(&mut self, now: Instant) {
        self.speak(now);
    }

    /// The lamps as the last word said them, by camera number.
    pub fn lamps(&self) -> &[CameraLamp] {
        &self.lamps
    }

    /// When to call [`Self::handle_timeout`], and why.
    pub fn poll_timeout(&self) -> (Instant, Reason) {
        (self.repeat_at, Reason::Repeat)
    }

    /// The newest word that was not taken yet; an older one that nobody took is gone.
    pub fn poll_output(&mut self) -> Option<TallyState> {
        self.word.take()
    }

    fn speak_if_changed(&mut self, now: Instant) {
        let lamps = self.lamps_now();
        if lamps != self.lamps {
            self.lamps = lamps;
            self.speak(now);
        }
    }

    fn speak(&mut self, now: Instant) {
        self.seq = TallySequence(self.seq.0 + 1);
        self.repeat_at = now + REPEAT;
        self.word = Some(TallyState { epoch: self.epoch, seq: self.seq, cameras: self.lamps.clone() });
    }

    fn lamps_now(&self) -> Vec<CameraLamp> {
        self.cameras.iter().map(|plan| self.lamp(plan)).collect()
    }

    fn lamp(&self, plan: &CameraPlan) -> CameraLamp {
        let switcher = self.switcher.clone();
        let (tally, reason) = match &self.heard {
            _ if plan.inputs.is_empty() => (Tally::Unknown, TallyReason::NotMapped),
            Heard::Lost { cause } => {
                (Tally::Unknown, TallyReason::SwitcherLost { switcher, cause: cause.clone() })
            }
            Heard::Buses(buses) => match (on(&buses.programme, plan), on(&buses.preview, plan)) {
                (Some(input), _) => (Tally::Program, TallyReason::OnProgramme { switcher, input }),
                (None, Some(input)) => (Tally::Preview, TallyReason::OnPreview { switcher, input }),
                (None, None) => (Tally::Idle, TallyReason::NotInUse),
            },
        };
        CameraLamp { camera: plan.camera, name: plan.name.clone(), tally, reason }
    }
}

/// The first of the camera's inputs that is on this bus.
fn on(bus: &[String], plan: &CameraPlan) -> Option<String> {
    plan.inputs.iter().find(|input| bus.contains(input)).cloned()
}

fn ordered(mut cameras: Vec<CameraPlan>) -> Result<Vec<CameraPlan>, PlanRefusal> {
    let mut seen = BTreeSet::new();
    if let Some(plan) = cameras.iter().find(|plan| !seen.insert(plan.camera)) {
        return Err(PlanRefusal::Twice { camera: plan.camera });
    }
    cameras.sort_by_key(|plan| plan.camera);
    Ok(cameras)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(number: u16, inputs: &[&str]) -> CameraPlan {
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        CameraPlan { camera: number.try_into().unwrap(), name: format!("Camera {number}"), inputs }
    }

    fn buses(programme: &[&str], preview: &[&str]) -> Buses {
        let owned = |bus: &[&str]| bus.iter().map(|&input| input.to_owned()).collect();
        Buses { programme: owned(programme), preview: owned(preview) }
    }

    fn director(cameras: Vec<CameraPlan>, now: Instant) -> Director {
        let config = DirectorConfig { epoch: Epoch(1), switcher: "ReturnFeed".to_owned(), cameras };
        Director::new(config, now).unwrap()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other origin; only differences are used"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn tallies(director: &Director) -> Vec<Tally> {
        director.lamps().iter().map(|lamp| lamp.tally).collect()
    }

    #[test]
    fn a_director_that_heard_nothing_says_unknown() {
        let mut director = director(vec![plan(1, &["a"])], start());
        let word = director.poll_output().unwrap();
        assert_eq!(word.cameras[0].tally, Tally::Unknown);
        assert!(
            matches!(&word.cameras[0].reason, TallyReason::SwitcherLost { switcher, .. } if switcher == "ReturnFeed")
        );
    }

    #[test]
    fn red_wins_over_green() {
        let now = start();
        let mut director = director(vec![plan(1, &["a"]), plan(2, &["b"])], now);
        director.handle_buses(buses(&["a"], &["a", "b"]), now);
        assert_eq!(tallies(&director), [Tally::Program, Tally::Preview]);
    }

    #[test]
    fn both_sides_of_a_mix_are_red() {
        let now = start();
        let mut director = director(vec![plan(1, &["a"]), plan(2, &["b"])], now);
        director.handle_buses(buses(&["a", "b"], &["b"]), now);
        assert_eq!(tallies(&director), [Tally::Program, Tally::Program]);
    }

    #[test]
    fn several_inputs_feed_one_camera_and_the_reason_names_the_one_on_air() {
        let now = start();
        let mut director = director(vec![plan(1, &["wide", "tight"])], now);
        director.handle_buses(buses(&["tight"], &["wide"]), now);
        let expected = TallyReason::OnProgramme { switcher: "ReturnFeed".into(), input: "tight".into() };
        assert_eq!(director.lamps()[0].reason, expected);
    }

    #[test]
    fn a_camera_without_an_input_is_not_mapped_whatever_the_switcher_says() {
        let now = start();
        let mut director = director(vec![plan(7, &[])], now);
        for step in 0..2 {
            let lamp = &director.lamps()[0];
            assert_eq!((lamp.tally, &lamp.reason), (Tally::Unknown, &TallyReason::NotMapped), "step {step}");
            director.handle_buses(buses(&["a"], &[]), now);
        }
    }

    #[test]
    fn a_lost_switcher_is_unknown_with_its_cause() {
        let now = start();
        let mut director = director(vec![plan(1, &["a"])], now);
        director.handle_buses(buses(&["a"], &[]), now);
        director.handle_lost("the cable is out", now);
        let lamp = &director.lamps()[0];
        assert_eq!(lamp.tally, Tally::Unknown);
        assert!(
            matches!(&lamp.reason, TallyReason::SwitcherLost { cause, .. } if cause == "the cable is out")
        );
    }

    #[test]
    fn a_change_is_said_at_once_and_the_state_again_each_second() {
        let now = start();
        let mut director = director(vec![plan(1, &["a"])], now);
        let first = director.poll_output().unwrap();
        director.handle_buses(buses(&["a"], &[]), now);
        let second = director.poll_output().unwrap();
        assert!(second.supersedes(&first));

        director.handle_buses(buses(&["a"], &[]), now);
        assert_eq!(director.poll_output(), None, "nothing changed");

        director.handle_timeout(now + REPEAT - Duration::from_millis(1));
        assert_eq!(director.poll_output(), None, "too early");
        assert_eq!(director.poll_timeout(), (now + REPEAT, Reason::Repeat));
        director.handle_timeout(now + REPEAT);
        let repeat = director.poll_output().unwrap();
        assert!(repeat.supersedes(&second));
        assert_eq!(repeat.cameras, second.cameras);
    }

    #[test]
    fn a_new_run_begins_its_own_sequence_and_an_older_one_is_passed_over() {
        let now = start();
        let mut director = director(vec![plan(1, &["a"])], now);
        let before = director.poll_output().unwrap();
        director.begin_epoch(Epoch(4), now);
        let word = director.poll_output().unwrap();
        assert_eq!((word.epoch, word.seq), (Epoch(4), TallySequence(1)));
        assert!(word.supersedes(&before));
        director.begin_epoch(Epoch(3), now);
        assert_eq!(director.poll_output(), None);
    }

    #[test]
    fn cameras_are_said_in_order_and_each_number_once() {
        let now = start();
        let mut director = director(vec![plan(3, &["c"]), plan(1, &["a"])], now);
        let numbers: Vec<_> = director.lamps().iter().map(|lamp| lamp.camera.get()).collect();
        assert_eq!(numbers, [1, 3]);
        let twice = director.set_cameras(vec![plan(2, &["a"]), plan(2, &["b"])], now);
        assert_eq!(twice, Err(PlanRefusal::Twice { camera: 2.try_into().unwrap() }));
        assert_eq!(director.lamps().len(), 2, "the old show stays");
    }
}
