//! How long a message takes from `send` to delivery, ours and sapflow-srt's (latency 20 ms) over the same path.
//!
//! `cargo run --release -p returnfeed-srt --example latency -- [loss in percent] [round trip in ms] [seconds]`
//! pushes 60 frames a second of 1 Mbit/s, a keyframe each two seconds, through real sockets of the loopback; with a
//! loss or a round trip, through a relay in a thread that delays and loses by a seed.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it measures on real sockets")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made says so by failing")]
#![expect(dead_code, reason = "the ends are shared with a test that needs more of them")]

#[path = "../tests/ends/mod.rs"]
mod ends;
#[path = "../tests/pair/path.rs"]
mod path;

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ends::{End, OurCaller, OurListener, TheirCaller, TheirListener};
use path::{Path, Way};

const FRAME: Duration = Duration::from_micros(16_667);
const POLL: Duration = Duration::from_micros(100);

fn main() {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let (loss, rtt, seconds) =
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0), numbers.next().unwrap_or(20));
    let path = Path { loss_per_mille: loss * 10, ..Path::rtt(rtt) };
    println!("loss {loss} %, round trip {rtt} ms, {seconds} s; milliseconds from send to delivery");
    println!(
        "{:9} {:>6} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "", "sent", "lost", "p50", "p95", "p99", "max", "repeated"
    );
    let now = Instant::now();
    run("ours", path, seconds, |peer| OurCaller::new([1; 32], peer, now), OurListener::new([2; 32], now));
    let now = Instant::now();
    run("sapflow", path, seconds, |peer| TheirCaller::new(0, peer, now), TheirListener::new(now));
}

fn run<C: End>(
    name: &str,
    path: Path,
    seconds: u64,
    caller: impl FnOnce(SocketAddr) -> C,
    listener: impl End,
) {
    let [near, far, caller_side, listener_side] =
        std::array::from_fn(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
    let to = listener_side.local_addr().unwrap();
    let direct = path.delay.is_zero() && path.loss_per_mille == 0;
    let peer = if direct { to } else { near.local_addr().unwrap() };
    let mut caller = caller(peer);
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let (sent, delays, lost) = std::thread::scope(|scope| {
        if !direct {
            scope.spawn(|| relay(&near, &far, to, path, &stop));
        }
        let received = scope.spawn(|| receive(listener, &listener_side, start, &stop));
        let sent = push(&mut caller, &caller_side, peer, start, seconds);
        stop.store(true, Ordering::Relaxed);
        let (delays, lost) = received.join().unwrap();
        (sent, delays, lost)
    });
    let at = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{name:9} {sent:>6} {:>6} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8}",
        sent - delays.len() as u64,
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0),
        caller.counted()
    );
    assert!(lost <= sent);
}

/// Frames for so many seconds, then one second of silence in which the last repetitions arrive.
fn push(caller: &mut impl End, socket: &UdpSocket, peer: SocketAddr, start: Instant, seconds: u64) -> u64 {
    socket.set_nonblocking(true).unwrap();
    let mut buffer = [0; 2048];
    let (mut frame, mut sent) = (0, 0);
    let mut next = None;
    let mut end = None;
    loop {
        let now = Instant::now();
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            caller.hear(from, &buffer[..length], Instant::now());
        }
        if caller.connected() && end.is_none_or(|end| now + Duration::from_secs(1) < end) {
            end.get_or_insert(now + Duration::from_secs(seconds + 1));
            while *next.get_or_insert(now) <= now {
                let packets = if frame % 120 == 0 { 16 } else { 2 };
                for _ in 0..packets {
                    let mut message = [0x47; 1000];
                    message[..8].copy_from_slice(&(start.elapsed().as_nanos() as u64).to_be_bytes());
                    sent += u64::from(caller.push(&message, Instant::now()));
                }
                frame += 1;
                next = next.map(|at| at + FRAME);
            }
        }
        if caller.wake().is_some_and(|at| at <= Instant::now()) {
            caller.tick(Instant::now());
        }
        while let Some(data) = caller.say(Instant::now()) {
            let _ = socket.send_to(&data, peer);
        }
        if end.is_some_and(|end| now >= end) {
            return sent;
        }
        std::thread::park_timeout(POLL);
    }
}

fn receive(
    mut listener: impl End,
    socket: &UdpSocket,
    start: Instant,
    stop: &AtomicBool,
) -> (Vec<Duration>, u64) {
    socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let mut buffer = [0; 2048];
    let mut delays = Vec::new();
    let mut peer = None;
    while !stop.load(Ordering::Relaxed) {
        if let Ok((length, from)) = socket.recv_from(&mut buffer) {
            peer = Some(from);
            listener.hear(from, &buffer[..length], Instant::now());
        }
        if listener.wake().is_some_and(|at| at <= Instant::now()) {
            listener.tick(Instant::now());
        }
        while let Some(message) = listener.pull() {
            let sent = Duration::from_nanos(u64::from_be_bytes(message[..8].try_into().unwrap()));
            delays.push(start.elapsed().saturating_sub(sent));
        }
        while let (Some(data), Some(peer)) = (listener.say(Instant::now()), peer) {
            let _ = socket.send_to(&data, peer);
        }
    }
    delays.sort();
    (delays, listener.counted())
}

/// Between caller (`near`) and listener (`far`).
fn relay(near: &UdpSocket, far: &UdpSocket, listener: SocketAddr, path: Path, stop: &AtomicBool) {
    let mut ways = [Way::new(path, 3), Way::new(path, 4)];
    let mut in_flight = BTreeMap::new();
    let mut buffer = [0; 2048];
    let (mut caller, mut count) = (None, 0_u64);
    near.set_nonblocking(true).unwrap();
    far.set_nonblocking(true).unwrap();
    while !stop.load(Ordering::Relaxed) {
        for (index, socket) in [near, far].into_iter().enumerate() {
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                if index == 0 {
                    caller = Some(from);
                }
                for delay in ways[index].carry() {
                    count += 1;
                    in_flight.insert((Instant::now() + delay, count), (index, buffer[..length].to_vec()));
                }
            }
        }
        while let Some(entry) = in_flight.first_entry().filter(|entry| entry.key().0 <= Instant::now()) {
            let (index, data) = entry.remove();
            let _ = match (index, caller) {
                (0, _) => far.send_to(&data, listener),
                (_, Some(caller)) => near.send_to(&data, caller),
                (_, None) => Ok(0),
            };
        }
        std::thread::park_timeout(POLL);
    }
}
