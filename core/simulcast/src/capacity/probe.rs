//! Padding in steps, each a short burst at one rate: the next one only once the last one came through, so that a narrow
//! path is never given more than it drains in a few tens of milliseconds.

use std::time::{Duration, Instant};

use super::arrivals::{Arrived, Rates};

/// The first steps: what a path of 300 kbit/s drains in 30 and 60 ms.
const FIRST_STEPS: [(u64, Duration); 2] =
    [(600_000, Duration::from_millis(15)), (1_200_000, Duration::from_millis(15))];
/// The last step is long enough for a path's jitter to matter little.
const LAST_STEP: Duration = Duration::from_millis(50);
/// And goes so far beyond what is to be proven, in percent: it is told apart from what is just enough.
const BEYOND: u64 = 140;
/// Padding of a step goes out each so often.
const BURST: Duration = Duration::from_millis(5);
/// A step came through if so many percent of its rate arrived.
const THROUGH: u64 = 80;
/// A step that was heard of no more within this time is over.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a step that failed is tried again in one probe.
const TRIES: u32 = 2;

/// What a step has shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    /// The first step of a probe says what is true now, in bits a second.
    Anew(u64),
    /// Each further one adds to it.
    AtLeast(u64),
}

/// What is sent to find out.
#[derive(Debug, Clone)]
struct Step {
    number: usize,
    rate: u64,
    begins: Instant,
    ends: Instant,
    next: Instant,
    arrived: Vec<Arrived>,
}

/// One probe; it stands, without padding, until its owner ends it.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    /// What is to be proven, in bits a second.
    goal: u64,
    step: Option<Step>,
    tries: u32,
}

impl Probe {
    pub(super) fn new(goal: u64, now: Instant) -> Self {
        let mut probe = Self { goal, step: None, tries: 0 };
        probe.begin_step(0, now);
        probe
    }

    pub(super) fn handle_arrival(&mut self, arrived: Arrived) {
        if let Some(step) = &mut self.step
            && (step.begins..=step.ends).contains(&arrived.sent)
        {
            step.arrived.push(arrived);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.step.as_ref().map(|step| if step.next <= step.ends { step.next } else { step.ends + PATIENCE })
    }

    /// How many bytes of padding to send now.
    pub(super) fn poll_padding(&mut self, now: Instant) -> Option<usize> {
        let step = self.step.as_mut()?;
        if step.next > now || step.next > step.ends || now >= step.ends + PATIENCE {
            return None;
        }
        // Who is called late sends no more at once than a burst: what is short of the rate is seen in the rate.
        step.next = (step.next + BURST).max(now + BURST / 2);
        usize::try_from(step.rate * BURST.as_micros() as u64 / 8_000_000).ok()
    }

    /// What the step has shown, once enough of it was heard of; `newest` is when the last packet that arrived was sent.
    pub(super) fn judge_step(&mut self, newest: Option<Instant>, now: Instant) -> Option<Shown> {
        let step = self.step.as_ref()?;
        let heard_beyond = newest.is_some_and(|sent| sent > step.ends);
        if now <= step.ends || !(heard_beyond || now >= step.ends + PATIENCE) {
            return None;
        }
        let (number, rate) = (step.number, step.rate);
        let carried = Rates::of(&step.arrived, 1).map(|rates| rates.sent.min(rates.arrived).min(rate));
        if carried.is_some_and(|carried| carried * 100 >= rate * THROUGH) {
            self.begin_step(number + 1, now);
        } else if self.tries < TRIES {
            self.tries += 1;
            self.begin_step(number, now);
        } else {
            self.step = None;
        }
        carried.map(|carried| if number == 0 { Shown::Anew(carried) } else { Shown::AtLeast(carried) })
    }

    fn begin_step(&mut self, number: usize, now: Instant) {
        let last = (self.goal * BEYOND / 100, LAST_STEP);
        let below = |&(rate, _): &(u64, Duration)| rate < self.goal;
        let steps = FIRST_STEPS.into_iter().filter(below).chain([last]);
        self.step = steps.into_iter().nth(number).map(|(rate, lasts)| Step {
            number,
            rate,
            begins: now,
            ends: now + lasts,
            next: now,
            arrived: Vec::new(),
        });
    }
}
