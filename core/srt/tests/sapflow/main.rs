//! The other Rust implementation, sapflow-srt, at either end, in virtual time over a path that loses.

#![expect(clippy::disallowed_methods, reason = "any instant will do as the beginning of virtual time")]
#![expect(clippy::unwrap_used, reason = "a harness fails loudly; lints see only #[test] functions as tests")]

#[path = "../ends/mod.rs"]
mod ends;
#[path = "../pair/path.rs"]
mod path;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ends::{End, OurCaller, OurListener, TheirCaller, TheirListener};
use path::{Path, Way};

const CALLER: ([u8; 4], u16) = ([198, 51, 100, 7], 40_000);
const LISTENER: ([u8; 4], u16) = ([192, 0, 2, 1], 8890);
const MS: Duration = Duration::from_millis(1);

struct Meeting<C, L> {
    caller: C,
    listener: L,
    now: Instant,
    ways: [Way; 2],
    in_flight: BTreeMap<(Instant, u64), (bool, Vec<u8>)>,
    count: u64,
}

impl<C: End, L: End> Meeting<C, L> {
    fn new(now: Instant, caller: C, listener: L, path: Path) -> Self {
        let ways = [Way::new(path, 1), Way::new(path, 2)];
        let mut meeting = Self { caller, listener, now, ways, in_flight: BTreeMap::new(), count: 0 };
        for _ in 0..2_000 {
            if meeting.caller.connected() {
                break;
            }
            meeting.step();
        }
        assert!(meeting.caller.connected());
        meeting
    }

    /// A tenth of a millisecond passes: neither end needs it finer.
    fn step(&mut self) {
        self.now += MS / 10;
        while let Some(entry) = self.in_flight.first_entry().filter(|entry| entry.key().0 <= self.now) {
            match entry.remove() {
                (true, data) => self.listener.hear(SocketAddr::from(CALLER), &data, self.now),
                (false, data) => self.caller.hear(SocketAddr::from(LISTENER), &data, self.now),
            }
        }
        if self.caller.wake().is_some_and(|at| at <= self.now) {
            self.caller.tick(self.now);
        }
        if self.listener.wake().is_some_and(|at| at <= self.now) {
            self.listener.tick(self.now);
        }
        while let Some(data) = self.caller.say(self.now) {
            self.post(true, data);
        }
        while let Some(data) = self.listener.say(self.now) {
            self.post(false, data);
        }
    }

    fn post(&mut self, to_listener: bool, data: Vec<u8>) {
        for delay in self.ways[usize::from(to_listener)].carry() {
            self.count += 1;
            self.in_flight.insert((self.now + delay, self.count), (to_listener, data.clone()));
        }
    }

    /// Pushes numbered messages, 4 ms apart, and gives back what came out.
    fn push(&mut self, count: u32) -> Vec<u32> {
        let mut got = Vec::new();
        for n in 0..count + 250 {
            if n < count {
                assert!(self.caller.push(&n.to_be_bytes().repeat(300), self.now), "message {n} is not taken");
            }
            (0..40).for_each(|_| self.step());
            got.extend(std::iter::from_fn(|| self.listener.pull()).map(|message| {
                assert_eq!(message.len(), 1200);
                u32::from_be_bytes(message[..4].try_into().unwrap())
            }));
        }
        got
    }
}

fn lossy() -> Path {
    Path { loss_per_mille: 30, ..Path::rtt(10) }
}

#[test]
fn its_caller_pushes_to_our_listener_and_changes_its_key() {
    let now = Instant::now();
    let caller = TheirCaller::new(400, SocketAddr::from(LISTENER), now);
    let mut meeting = Meeting::new(now, caller, OurListener::new([1; 32], now), lossy());
    assert_eq!(meeting.push(2_000), (0..2_000).collect::<Vec<_>>());
    assert!(meeting.caller.counted() > 30);
}

#[test]
fn our_caller_pushes_to_its_listener_and_changes_its_key() {
    let now = Instant::now();
    let mut caller = OurCaller::new([2; 32], SocketAddr::from(LISTENER), now);
    caller.change_keys_every(400);
    // Its listener waits 20 ms and no longer: a clean path shows what is ours.
    let mut meeting = Meeting::new(now, caller, TheirListener::new(now), Path::CLEAN);
    assert_eq!(meeting.push(2_000), (0..2_000).collect::<Vec<_>>());
    assert_eq!(meeting.listener.counted(), 0);
    assert!(meeting.caller.key_changes() >= 3);
}
