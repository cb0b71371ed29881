use std::collections::VecDeque;
use std::time::{Duration, Instant};

use returnfeed_protocol::Bitrate;

use super::{Capacity, MOST, UNKNOWN};

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
        #[expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
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
            self.now = next.into_iter().flatten().min().unwrap().max(self.now + Duration::from_micros(100));
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
        assert!(capacity.estimate() <= Bitrate(1_210_000), "no more than is sent: {:?}", capacity.estimate());
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
