//! Run-sheets: a stream of 60 frames a second over named paths, in virtual time, each under several seeds.
//!
//! The oracle: what arrives is in order, nothing twice, nothing unsent; what does not arrive was reported as lost,
//! at its place; and on every path that a hold of 400 ms can mend, nothing is lost.

use std::time::Duration;

use returnfeed_srt::{CallerEnd, CallerEvent, CloseReason, ListenerEvent};

use crate::network::{Pair, message};
use crate::path::Path;

const FRAME: Duration = Duration::from_micros(16_667);

/// What a run showed.
#[derive(Debug)]
struct Outcome {
    sent: u64,
    lost: u64,
    /// From sending to arrival, sorted.
    delays: Vec<Duration>,
    repeated: u64,
}

impl Outcome {
    fn percentile(&self, percent: usize) -> Duration {
        self.delays[(self.delays.len() - 1) * percent / 100]
    }
}

/// A stream of 1 Mbit/s: two packets a frame, each two seconds a keyframe of 16.
struct Stream {
    pair: Pair,
    sent_at: Vec<Duration>,
    frame: u64,
}

impl Stream {
    fn new(path: Path, seed: u64) -> Self {
        Self { pair: Pair::connected(path, seed), sent_at: Vec::new(), frame: 0 }
    }

    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds * 60 {
            let packets = if self.frame.is_multiple_of(120) { 16 } else { 2 };
            for _ in 0..packets {
                let n = self.sent_at.len() as u64;
                self.sent_at.push(self.pair.elapsed());
                self.pair.send(message(n)).unwrap();
            }
            self.frame += 1;
            self.pair.run(FRAME);
        }
    }

    /// Lets the last repetitions arrive, and judges.
    fn judge(mut self, what: &str) -> Outcome {
        self.pair.run(Duration::from_secs(3));
        let (mut next, mut lost) = (0, 0);
        for event in self.pair.listener_events() {
            match event {
                ListenerEvent::Message { data, .. } => {
                    let n = u64::from_be_bytes(data[..8].try_into().unwrap());
                    assert_eq!(*data, message(n), "{what}: a message that was not sent");
                    assert_eq!(n, next, "{what}: out of order, twice, or missing without a word");
                    next += 1;
                }
                ListenerEvent::Lost { packets, .. } => {
                    next += packets;
                    lost += packets;
                }
                ListenerEvent::Closed { reason, .. } => panic!("{what}: {reason}"),
                ListenerEvent::Asked { .. } | ListenerEvent::Connected { .. } => {}
            }
        }
        let sent = self.sent_at.len() as u64;
        assert_eq!(next, sent, "{what}: the end is missing");
        let stats = self.pair.listener.stats(self.pair.connection()).unwrap();
        assert_eq!(stats.dropped_packets, lost, "{what}: {stats:?}");
        let arrived =
            self.pair.arrivals().iter().map(|(at, data)| {
                *at - self.sent_at[u64::from_be_bytes(data[..8].try_into().unwrap()) as usize]
            });
        let mut delays: Vec<_> = arrived.collect();
        delays.sort();
        Outcome { sent, lost, delays, repeated: self.pair.caller.stats().repeated_packets }
    }
}

fn play(path: Path, seed: u64, seconds: u64) -> Outcome {
    let what = format!("{path:?}, seed {seed}");
    let mut stream = Stream::new(path, seed);
    stream.run(seconds);
    stream.judge(&what)
}

#[test]
fn a_clean_path_adds_nothing_and_nothing_is_repeated() {
    let outcome = play(Path::rtt(30), 1, 20);
    assert_eq!((outcome.lost, outcome.repeated), (0, 0));
    assert_eq!(outcome.percentile(50), Duration::from_millis(15));
    // A keyframe's tail is paced.
    assert!(outcome.percentile(100) <= Duration::from_millis(24), "{:?}", outcome.percentile(100));
}

#[test]
fn nothing_is_lost_where_the_hold_can_mend_it() {
    for (rtt, loss) in [(30, 20), (30, 50), (30, 100), (100, 20), (100, 50)] {
        for burst in [1, 3] {
            for seed in 1..=4 {
                let path = Path { loss_per_mille: loss, burst, ..Path::rtt(rtt) };
                let outcome = play(path, seed, 30);
                assert_eq!(outcome.lost, 0, "{path:?}, seed {seed}");
                assert!(outcome.repeated >= outcome.sent * loss / 2000, "the path lost nothing");
            }
        }
    }
}

#[test]
fn at_five_percent_and_thirty_milliseconds_a_repetition_takes_little_more_than_the_path() {
    for seed in 1..=4 {
        let outcome = play(Path { loss_per_mille: 50, ..Path::rtt(30) }, seed, 60);
        let (p50, p95, p99) = (outcome.percentile(50), outcome.percentile(95), outcome.percentile(99));
        let seen = format!("seed {seed}: {p50:?} {p95:?} {p99:?} {:?}", outcome.percentile(100));
        println!("{seen}, {} of {} repeated", outcome.repeated, outcome.sent);
        assert!(p50 <= Duration::from_millis(16), "{seen}");
        assert!(p99 <= Duration::from_millis(70), "{seen}");
    }
}

#[test]
fn jitter_and_reordering_do_not_cause_a_storm_of_repetitions() {
    for seed in 1..=4 {
        let path = Path { jitter: Duration::from_millis(10), ..Path::rtt(30) };
        let outcome = play(path, seed, 60);
        println!("seed {seed}: {} of {} repeated", outcome.repeated, outcome.sent);
        assert_eq!(outcome.lost, 0);
        assert!(outcome.repeated <= outcome.sent / 50, "{} of {}", outcome.repeated, outcome.sent);
        assert!(outcome.percentile(100) < Duration::from_millis(60), "{:?}", outcome.percentile(100));
    }
}

#[test]
fn loss_jitter_and_doubling_together_lose_nothing() {
    for seed in 1..=4 {
        let path = Path {
            loss_per_mille: 50,
            jitter: Duration::from_millis(10),
            doubled_per_mille: 50,
            ..Path::rtt(30)
        };
        assert_eq!(play(path, seed, 30).lost, 0, "seed {seed}");
    }
}

#[test]
fn an_outage_of_a_second_is_made_good_and_a_longer_one_is_survived() {
    for outage in [1, 2, 3, 4] {
        let what = format!("outage of {outage} s");
        let mut stream = Stream::new(Path::rtt(30), outage);
        stream.run(3);
        stream.pair.cut();
        stream.run(outage);
        stream.pair.set_path(Path::rtt(30));
        stream.run(5);
        let back = stream.pair.arrivals().last().unwrap().0;
        let late = stream.pair.elapsed() - back;
        assert!(late < Duration::from_millis(60), "{what}: the stream is {late:?} behind");
        let outcome = stream.judge(&what);
        if outage == 1 {
            assert_eq!(outcome.lost, 0, "{what}");
        } else {
            assert!(outcome.lost < outage * 140, "{what}: {} lost", outcome.lost);
        }
    }
}

#[test]
fn an_outage_of_five_seconds_ends_the_push_at_both_ends_and_the_next_call_is_answered() {
    let mut stream = Stream::new(Path::rtt(30), 5);
    stream.run(3);
    stream.pair.cut();
    stream.run(4);
    assert!(stream.pair.caller.is_connected(), "four seconds are survived");
    stream.pair.run(Duration::from_secs(1) + Path::rtt(30).delay);
    assert_eq!(stream.pair.closed(), Some(CloseReason::PeerGone));
    assert_eq!(stream.pair.caller_events(), [CallerEvent::Closed(CallerEnd::PeerGone)]);

    stream.pair.set_path(Path::rtt(30));
    let before = stream.pair.arrivals().len();
    stream.pair.call_again(crate::KEY);
    stream.pair.run(Duration::from_millis(100));
    let asked = stream.pair.asked().expect("the caller is asked about again");
    stream.pair.accept(asked, crate::KEY);
    stream.pair.run(Duration::from_millis(100));
    for n in 0..20 {
        stream.pair.send(message(n)).unwrap();
        stream.pair.run(FRAME);
    }
    stream.pair.run(Duration::from_millis(100));
    assert_eq!(stream.pair.arrivals().len() - before, 20);
}

#[test]
fn a_round_trip_of_100_ms_with_jitter_and_loss_loses_nothing() {
    for seed in 1..=4 {
        let path = Path { loss_per_mille: 20, jitter: Duration::from_millis(10), ..Path::rtt(100) };
        let outcome = play(path, seed, 30);
        assert_eq!(outcome.lost, 0, "seed {seed}");
        assert!(outcome.repeated > 0, "seed {seed}: the path lost nothing");
    }
}
