//! What a viewer's path carries, from what arrived of what was sent, and the padding that proves it.
//!
//! What is known without padding: what arrives, where it arrives more slowly than it was sent, is what the path
//! carries; and it carries at least what arrives. A probe goes up in steps, each a short burst at one rate, and takes
//! the next step only once the last one came through, so that a narrow path is never given more than it drains in a
//! few tens of milliseconds. It refuses to be a congestion controller: nothing here ever slows a picture down.
//! Invariant: an estimate above what was sent is never given.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use returnfeed_protocol::Bitrate;

/// What a path is taken to carry before anything was heard of it: enough to begin high.
const UNKNOWN: Bitrate = Bitrate(1_000_000);
/// What arrived is looked at over this time of the receiver's clock.
const WINDOW_US: i64 = 500_000;
/// And over no more packets: a receiver whose clock stands still, or goes back, would have them all looked at.
const MOST: usize = 1_024;
/// A shorter time says nothing about a rate.
const LEAST_US: i64 = 200_000;
/// Waiting longer than the least that was seen by this much is a queue's.
const QUEUE_US: i64 = 30_000;
/// The least wait is of this long: a path may change for good.
const MEMORY: Duration = Duration::from_secs(10);
/// Arriving slower than sent by this many percent is the path's doing.
const SLOWER: u64 = 90;
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

/// One packet that arrived.
#[derive(Debug, Clone, Copy)]
struct Arrived {
    sent: Instant,
    at_us: i64,
    bytes: u64,
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

/// The estimate for one viewer.
#[derive(Debug, Clone)]
pub struct Capacity {
    estimate: Bitrate,
    /// What is to be proven.
    goal: u64,
    recent: VecDeque<Arrived>,
    /// The least wait and when it was seen, of this stretch of [`MEMORY`] and of the one before.
    least: [Option<(Instant, i64)>; 2],
    origin: Option<Instant>,
    probing: bool,
    step: Option<Step>,
    tries: u32,
}

impl Capacity {
    /// Nothing is known yet; a probe is to prove more than `goal`.
    pub fn new(goal: Bitrate) -> Self {
        Self {
            estimate: UNKNOWN,
            goal: goal.0,
            recent: VecDeque::new(),
            least: [None; 2],
            origin: None,
            probing: false,
            step: None,
            tries: 0,
        }
    }

    /// What the path carries, as far as that is known.
    pub fn estimate(&self) -> Bitrate {
        self.estimate
    }

    /// Takes a packet that arrived at `at_us` on the receiver's clock; packets of one feedback in their order.
    pub fn handle_arrival(&mut self, sent: Instant, at_us: i64, bytes: usize) {
        let arrived = Arrived { sent, at_us, bytes: bytes as u64 };
        if let Some(step) = &mut self.step
            && (step.begins..=step.ends).contains(&sent)
        {
            step.arrived.push(arrived);
        }
        if self.recent.len() >= MOST {
            self.recent.pop_front();
        }
        self.recent.push_back(arrived);
        self.note_wait(&arrived);
    }

    /// Draws the conclusion, after the packets of one feedback.
    pub fn handle_feedback(&mut self, now: Instant) {
        let newest = self.recent.back().map_or(0, |arrived| arrived.at_us);
        self.recent.retain(|arrived| newest - arrived.at_us <= WINDOW_US);
        if !self.probing
            && let Some(Rates { sent, arrived }) = rates(self.recent.make_contiguous(), LEAST_US)
        {
            let queued = self.recent.back().is_some_and(|last| self.queue(last) > QUEUE_US);
            if queued && arrived * 100 < sent * SLOWER {
                self.estimate = Bitrate(arrived);
            } else {
                self.estimate = self.estimate.max(Bitrate(arrived.min(sent)));
            }
        }
        self.judge_step(now);
    }

    /// Begins to find out what more the path carries.
    pub fn begin_probe(&mut self, now: Instant) {
        self.probing = true;
        self.tries = 0;
        self.begin_step(0, now);
    }

    /// No more padding.
    pub fn end_probe(&mut self) {
        self.probing = false;
        self.step = None;
    }

    /// What was proven is to be proven again: the path turned out to be worse.
    pub fn doubt(&mut self) {
        self.estimate = self.estimate.min(Bitrate(self.goal));
    }

    /// When to call [`Self::poll_padding`] again.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.step.as_ref().map(|step| if step.next <= step.ends { step.next } else { step.ends + PATIENCE })
    }

    /// How many bytes of padding to send now.
    pub fn poll_padding(&mut self, now: Instant) -> Option<usize> {
        let step = self.step.as_mut()?;
        if now >= step.ends + PATIENCE {
            self.judge_step(now);
            return None;
        }
        if step.next > now || step.next > step.ends {
            return None;
        }
        // Who is called late sends no more at once than a burst: what is short of the rate is seen in the rate.
        step.next = (step.next + BURST).max(now + BURST / 2);
        usize::try_from(step.rate * BURST.as_micros() as u64 / 8_000_000).ok()
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

    /// Whether the step came through, once enough of it was heard of.
    fn judge_step(&mut self, now: Instant) {
        let Some(step) = &self.step else { return };
        let heard_beyond = self.recent.back().is_some_and(|last| last.sent > step.ends);
        if now <= step.ends || !(heard_beyond || now >= step.ends + PATIENCE) {
            return;
        }
        let (number, rate) = (step.number, step.rate);
        let carried = rates(&step.arrived, 1).map(|rates| rates.sent.min(rates.arrived).min(rate));
        let through = carried.is_some_and(|carried| carried * 100 >= rate * THROUGH);
        if let Some(carried) = carried {
            // The first step of a probe says what is true now; each further one adds to it.
            let known = if number == 0 { 0 } else { self.estimate.0 };
            self.estimate = Bitrate(known.max(carried));
        }
        if through {
            self.begin_step(number + 1, now);
        } else if self.tries < TRIES {
            self.tries += 1;
            self.begin_step(number, now);
        } else {
            self.step = None;
        }
    }

    /// A packet's wait on its way, on a line whose zero means nothing.
    fn wait(&self, arrived: &Arrived) -> i64 {
        let origin = self.origin.unwrap_or(arrived.sent);
        let sent = arrived.sent.saturating_duration_since(origin).as_micros();
        arrived.at_us.saturating_sub(i64::try_from(sent).unwrap_or(i64::MAX))
    }

    fn note_wait(&mut self, arrived: &Arrived) {
        self.origin.get_or_insert(arrived.sent);
        let wait = self.wait(arrived);
        let [current, before] = &mut self.least;
        match current {
            Some((since, least)) if arrived.sent.saturating_duration_since(*since) < MEMORY => {
                *least = wait.min(*least);
            }
            _ => {
                *before = current.take();
                *current = Some((arrived.sent, wait));
            }
        }
    }

    /// How long it stood in a queue.
    fn queue(&self, arrived: &Arrived) -> i64 {
        let least = self.least.iter().flatten().map(|(_, wait)| *wait).min();
        least.map_or(0, |least| self.wait(arrived) - least)
    }
}

/// Bits a second, as sent and as arrived, of the same packets.
struct Rates {
    sent: u64,
    arrived: u64,
}

/// Of packets that took at least so long to arrive; the first one only marks the beginning.
fn rates(packets: &[Arrived], least_us: i64) -> Option<Rates> {
    let first = packets.iter().min_by_key(|packet| packet.at_us)?;
    let last = packets.iter().map(|packet| packet.at_us).max()?;
    let (sent_first, sent_last) =
        (packets.iter().map(|p| p.sent).min()?, packets.iter().map(|p| p.sent).max()?);
    let arriving = last - first.at_us;
    let sending = u64::try_from(sent_last.saturating_duration_since(sent_first).as_micros()).ok()?;
    if arriving < least_us || sending == 0 {
        return None;
    }
    let bits = (packets.iter().map(|packet| packet.bytes).sum::<u64>() - first.bytes) * 8_000_000;
    Some(Rates { sent: bits / sending, arrived: bits / u64::try_from(arriving).ok()?.max(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path of one rate, a queue before it, and a way of 10 ms; feedback each 50 ms.
    struct Line {
        now: Instant,
        begin: Instant,
        rate: u64,
        free: Instant,
        under_way: VecDeque<(Instant, Instant, usize)>,
        worst: Duration,
    }

    impl Line {
        fn new(rate: u64) -> Self {
            #[expect(
                clippy::disallowed_methods,
                reason = "any instant will do as the beginning of virtual time"
            )]
            let begin = Instant::now();
            let worst = Duration::ZERO;
            Self { now: begin, begin, rate, free: begin, under_way: VecDeque::new(), worst }
        }

        fn send(&mut self, bytes: usize) {
            let takes = Duration::from_micros(bytes as u64 * 8_000_000 / self.rate);
            self.free = self.free.max(self.now) + takes;
            self.worst = self.worst.max(self.free - self.now);
            self.under_way.push_back((self.now, self.free + Duration::from_millis(10), bytes));
        }

        /// Media of `bytes` each `every`, for `seconds`.
        fn runs(&mut self, capacity: &mut Capacity, bytes: usize, every: u64, seconds: f64) {
            let end = self.now + Duration::from_secs_f64(seconds);
            let (mut media, mut feedback) = (self.now, self.now + Duration::from_millis(50));
            while self.now < end {
                if media <= self.now {
                    self.send(bytes);
                    media += Duration::from_millis(every);
                }
                while let Some(mut padding) = capacity.poll_padding(self.now) {
                    while padding > 0 {
                        self.send(padding.min(600));
                        padding -= padding.min(600);
                    }
                }
                if feedback <= self.now {
                    while self.under_way.front().is_some_and(|(_, arrives, _)| *arrives <= self.now) {
                        let (sent, arrives, bytes) = self.under_way.pop_front().unwrap();
                        let at = (arrives - self.begin).as_micros() as i64 / 250 * 250;
                        capacity.handle_arrival(sent, at, bytes);
                    }
                    capacity.handle_feedback(self.now);
                    feedback += Duration::from_millis(50);
                }
                let next = [Some(media), Some(feedback), capacity.poll_timeout()];
                self.now =
                    next.into_iter().flatten().min().unwrap().max(self.now + Duration::from_micros(100));
            }
        }
    }

    fn capacity() -> Capacity {
        Capacity::new(Bitrate(1_500_000))
    }

    #[test]
    fn a_probe_proves_a_wide_path_within_half_a_second() {
        let mut capacity = capacity();
        let mut line = Line::new(100_000_000);
        line.runs(&mut capacity, 420, 33, 2.0);
        assert_eq!(capacity.estimate(), UNKNOWN, "a little of what it carries proves nothing");
        capacity.begin_probe(line.now);
        line.runs(&mut capacity, 420, 33, 0.5);
        assert!(capacity.estimate() >= Bitrate(1_700_000), "{:?}", capacity.estimate());
        capacity.end_probe();
        line.runs(&mut capacity, 420, 33, 5.0);
        assert!(capacity.estimate() >= Bitrate(1_700_000), "what was proven holds");
    }

    #[test]
    fn a_narrow_path_is_measured_and_not_flooded() {
        for rate in [250_000, 300_000, 500_000, 900_000, 1_200_000] {
            let mut capacity = capacity();
            let mut line = Line::new(rate);
            line.runs(&mut capacity, 420, 33, 2.0);
            line.worst = Duration::ZERO;
            capacity.begin_probe(line.now);
            line.runs(&mut capacity, 420, 33, 1.0);
            let Bitrate(found) = capacity.estimate();
            assert!((rate * 7 / 10..=rate * 13 / 10).contains(&found), "{rate}: {found}");
            assert!(line.worst < Duration::from_millis(150), "{rate}: {:?} in the queue", line.worst);
        }
    }

    #[test]
    fn a_path_that_carries_less_than_is_sent_is_seen_within_a_second() {
        let mut capacity = capacity();
        let mut line = Line::new(10_000_000);
        line.runs(&mut capacity, 2_083, 17, 3.0);
        line.rate = 150_000;
        line.runs(&mut capacity, 2_083, 17, 1.0);
        let Bitrate(found) = capacity.estimate();
        assert!((120_000..200_000).contains(&found), "{found}");
    }

    #[test]
    fn a_still_picture_on_a_good_path_says_nothing_against_it() {
        let mut capacity = capacity();
        let mut line = Line::new(10_000_000);
        line.runs(&mut capacity, 100, 50, 20.0);
        assert_eq!(capacity.estimate(), UNKNOWN);
    }

    #[test]
    fn a_receiver_whose_clock_stands_still_is_not_remembered_for_ever() {
        for step_us in [0, -1_000] {
            let mut capacity = capacity();
            let begin = Line::new(1).begin;
            for n in 0..100_000_i32 {
                let sent = begin + Duration::from_millis(8) * n.unsigned_abs();
                capacity.handle_arrival(sent, i64::from(n * step_us), 1_200);
                if n % 100 == 0 {
                    capacity.handle_feedback(sent);
                }
            }
            assert!(capacity.recent.len() <= MOST, "{} packets", capacity.recent.len());
            assert!(
                capacity.estimate() <= Bitrate(1_210_000),
                "no more than is sent: {:?}",
                capacity.estimate()
            );
        }
    }

    #[test]
    fn nothing_heard_ends_a_step() {
        let mut capacity = capacity();
        let mut line = Line::new(1_000_000);
        line.runs(&mut capacity, 420, 33, 1.0);
        capacity.begin_probe(line.now);
        let mut now = line.now;
        let mut padding = 0;
        for _ in 0..10_000 {
            now += Duration::from_millis(1);
            padding += capacity.poll_padding(now).unwrap_or(0);
        }
        assert!((375..=8_000).contains(&padding), "{padding}");
        assert_eq!(capacity.poll_timeout(), None);
    }
}
