//! The director's side: what the switchers say becomes one word about every camera.
//!
//! It refuses to guess: until a switcher was heard, and while it cannot be heard, what it alone could tell is
//! *unknown*. Invariant: each word has a greater `(epoch, seq)` than the one before it.

use std::time::{Duration, Instant};

use returnfeed_protocol::{
    CameraLamp, CameraNumber, Epoch, TALLY_REPEAT_MS, Tally, TallyReason, TallySequence, TallyState,
};

use crate::facts::{Heard, InputFact, SwitcherName};
use crate::plan::{CameraPlan, GreenRule, PlanRefusal, ordered};
use crate::rule::{self, Switchers};
use crate::trial::{Lamps, Trials};

const REPEAT: Duration = Duration::from_millis(TALLY_REPEAT_MS);

/// What a director begins with.
#[derive(Debug, Clone)]
pub struct DirectorConfig {
    /// The run; `Epoch(0)` until the cloud granted one.
    pub epoch: Epoch,
    /// What GREEN means.
    pub green: GreenRule,
    /// The cameras of the show.
    pub cameras: Vec<CameraPlan>,
}

/// Why a director wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// To repeat the whole tally: only the director's word refreshes.
    Repeat,
    /// A lamp's test is over.
    TestEnds,
}

/// Makes words.
#[derive(Debug)]
pub struct Director {
    epoch: Epoch,
    seq: TallySequence,
    green: GreenRule,
    cameras: Vec<CameraPlan>,
    switchers: Switchers,
    trials: Trials,
    lamps: Vec<CameraLamp>,
    repeat_at: Instant,
    word: Option<TallyState>,
}

impl Director {
    /// A director that heard no switcher yet; its first word says so.
    ///
    /// # Errors
    /// When a camera number is in the show twice.
    pub fn new(config: DirectorConfig, now: Instant) -> Result<Self, PlanRefusal> {
        let DirectorConfig { epoch, green, cameras } = config;
        let mut director = Self {
            epoch,
            seq: TallySequence(0),
            green,
            cameras: ordered(cameras)?,
            switchers: Switchers::new(),
            trials: Trials::default(),
            lamps: Vec::new(),
            repeat_at: now,
            word: None,
        };
        director.lamps = director.lamps_now();
        director.speak(now);
        Ok(director)
    }

    /// A switcher said what each of its inputs does now: all of them, each time.
    pub fn handle_inputs(&mut self, switcher: &SwitcherName, inputs: Vec<InputFact>, now: Instant) {
        self.switchers.insert(switcher.clone(), Heard::Inputs(inputs));
        self.speak_if_changed(now);
    }

    /// A switcher cannot be heard any more, and why.
    pub fn handle_lost(&mut self, switcher: &SwitcherName, cause: impl Into<String>, now: Instant) {
        self.switchers.insert(switcher.clone(), Heard::Lost { cause: cause.into() });
        self.speak_if_changed(now);
    }

    /// The time asked for by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.trials.handle_timeout(now);
        self.speak_if_changed(now);
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

    /// GREEN means this from now on.
    pub fn set_green(&mut self, green: GreenRule, now: Instant) {
        self.green = green;
        self.speak_if_changed(now);
    }

    /// Shows `tally` on these lamps for ten seconds, whatever the switchers say; only RED of a switcher wins over it.
    pub fn test(&mut self, lamps: Lamps, tally: Tally, now: Instant) {
        let meant = |camera: &CameraNumber| lamps == Lamps::All || lamps == Lamps::Of(*camera);
        self.trials.begin(self.cameras.iter().map(|plan| plan.camera).filter(meant), tally, now);
        self.speak_if_changed(now);
    }

    /// Ends the test of these lamps now.
    pub fn end_test(&mut self, lamps: Lamps, now: Instant) {
        self.trials.end(lamps);
        self.speak_if_changed(now);
    }

    /// The last word: every lamp is unknown, and why.
    pub fn end(&mut self, cause: &str, now: Instant) {
        self.trials.end(Lamps::All);
        let named = self.cameras.iter().flat_map(|plan| &plan.feeds).flat_map(|feed| feed.links());
        let lost = || Heard::Lost { cause: cause.to_owned() };
        self.switchers = named.map(|input| (input.switcher.clone(), lost())).collect();
        self.speak_if_changed(now);
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

    /// The cameras of the show, by number.
    pub fn cameras(&self) -> &[CameraPlan] {
        &self.cameras
    }

    /// When to call [`Self::handle_timeout`], and why.
    pub fn poll_timeout(&self) -> (Instant, Reason) {
        match self.trials.poll_timeout() {
            Some(ends) if ends <= self.repeat_at => (ends, Reason::TestEnds),
            Some(_) | None => (self.repeat_at, Reason::Repeat),
        }
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
        let truth = rule::camera(plan, &self.switchers, self.green);
        let (tally, reason) = match (truth, self.trials.shows(plan.camera)) {
            (truth, None) | (truth @ (Tally::Program, _), Some(_)) => truth,
            (_, Some(tested)) => (tested, TallyReason::Test),
        };
        CameraLamp { camera: plan.camera, name: plan.name.clone(), tally, reason }
    }
}

#[cfg(test)]
mod tests;
