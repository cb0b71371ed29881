//! What a listener costs: CPU and memory for each stream of 1 Mbit/s at 60 frames a second, ours and sapflow-srt's.
//!
//! `cargo run --release -p returnfeed-srt --example cost -- [streams] [seconds]` receives in this process, which counts
//! itself (Linux, /proc), and pushes from a second one, the same for both listeners.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it measures on real sockets")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made says so by failing")]
#![expect(dead_code, reason = "the ends are shared with a test that needs more of them")]

#[path = "../tests/ends/mod.rs"]
mod ends;

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use ends::{End, LATENCY, OurCaller, PASSPHRASE, crypto};
use returnfeed_srt::{Listener, ListenerConfig, ListenerEvent, Seed};
use sapflow_srt as other;

const FRAME: Duration = Duration::from_micros(16_667);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default| words.get(index).map_or(default, |word| word.parse().unwrap());
    if words.first().is_some_and(|word| word == "push") {
        return push(number(1, 1), number(2, 10), number(3, 0) as u16);
    }
    let (streams, seconds) = (number(0, 50), number(1, 10));
    println!("{streams} streams, {seconds} s: CPU of one core a stream, resident memory, messages");
    measure::<Ours>("ours", streams, seconds);
    measure::<Theirs>("sapflow", streams, seconds);
}

/// A listener that takes everybody.
trait Port {
    fn open(now: Instant) -> Self;
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant);
    fn tick(&mut self, now: Instant);
    fn wake(&self) -> Option<Instant>;
    fn say(&mut self) -> Option<(SocketAddr, Vec<u8>)>;
    /// Messages that came since.
    fn pull(&mut self, now: Instant) -> u64;
}

struct Ours(Listener);

impl Port for Ours {
    fn open(now: Instant) -> Self {
        Self(Listener::new(ListenerConfig::default(), &Seed::from([7; 32]), now))
    }
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.0.handle_datagram(from, data, now);
    }
    fn tick(&mut self, now: Instant) {
        self.0.handle_timeout(now);
    }
    fn wake(&self) -> Option<Instant> {
        self.0.poll_timeout().map(|(at, _)| at)
    }
    fn say(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.0.poll_transmit().map(|transmit| (transmit.to, transmit.data.into()))
    }
    fn pull(&mut self, now: Instant) -> u64 {
        let mut count = 0;
        while let Some(event) = self.0.poll_event() {
            match event {
                ListenerEvent::Asked { connection, .. } => {
                    self.0.accept(connection, &PASSPHRASE.into(), now).unwrap();
                }
                ListenerEvent::Message { .. } => count += 1,
                ListenerEvent::Connected { .. }
                | ListenerEvent::Lost { .. }
                | ListenerEvent::Closed { .. } => {}
            }
        }
        count
    }
}

struct Theirs(other::Listener);

impl Port for Theirs {
    fn open(now: Instant) -> Self {
        let config = other::Config {
            latency: LATENCY,
            crypto: Some(crypto(0)),
            handshakes_per_second: 1000,
            max_connections: 1024,
            ..other::Config::default()
        };
        Self(other::Listener::new(config, now))
    }
    fn hear(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        self.0.handle_datagram(now, from, data);
    }
    fn tick(&mut self, now: Instant) {
        self.0.handle_timeout(now);
    }
    fn wake(&self) -> Option<Instant> {
        self.0.poll_timeout()
    }
    fn say(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.0.poll_transmit()
    }
    fn pull(&mut self, now: Instant) -> u64 {
        let mut count = 0;
        while let Some(event) = self.0.poll_event() {
            match event {
                other::Event::Connect { id, .. } => assert!(self.0.accept(id, now)),
                other::Event::Data { .. } => count += 1,
                other::Event::Closed { .. } => {}
            }
        }
        count
    }
}

fn measure<P: Port>(name: &str, streams: u64, seconds: u64) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let mut listener = P::open(Instant::now());
    let empty = resident_kib();
    let arguments = ["push".to_owned(), streams.to_string(), seconds.to_string(), port.to_string()];
    let mut pusher = Command::new(std::env::current_exe().unwrap()).args(arguments).spawn().unwrap();
    let mut buffer = [0; 2048];
    let (mut messages, mut begin, mut used, mut full) = (0, None, 0.0, empty);
    while pusher.try_wait().unwrap().is_none() {
        // Once a second is often enough to look for the end.
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            let wake = listener.wake().map_or(until, |at| at.min(until));
            let wait = wake.saturating_duration_since(Instant::now()).max(Duration::from_micros(50));
            socket.set_read_timeout(Some(wait)).unwrap();
            if let Ok((length, from)) = socket.recv_from(&mut buffer) {
                listener.hear(from, &buffer[..length], Instant::now());
            }
            let now = Instant::now();
            if listener.wake().is_some_and(|at| at <= now) {
                listener.tick(now);
            }
            let pulled = listener.pull(now);
            if pulled > 0 && begin.is_none() {
                begin = Some((now, cpu_seconds()));
            }
            messages += pulled;
            while let Some((to, data)) = listener.say() {
                let _ = socket.send_to(&data, to);
            }
        }
        if let Some((at, before)) = begin {
            used = (cpu_seconds() - before) / at.elapsed().as_secs_f64();
            full = full.max(resident_kib());
        }
    }
    let each = used * 100.0 / streams as f64;
    println!("{name:9} {each:.3} %, {} KiB a stream, {messages} messages", (full - empty) / streams);
}

/// The other process: so many callers in one thread.
fn push(streams: u64, seconds: u64, port: u16) {
    let peer = SocketAddr::from(([127, 0, 0, 1], port));
    let now = Instant::now();
    let mut callers: Vec<_> = (0..streams)
        .map(|n| {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&n.to_be_bytes());
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_nonblocking(true).unwrap();
            // Frames of the streams are spread over a frame's time.
            (
                OurCaller::new(seed, peer, now),
                socket,
                now + Duration::from_secs(1) + FRAME * n as u32 / streams as u32,
            )
        })
        .collect();
    let mut buffer = [0; 2048];
    while now.elapsed() < Duration::from_secs(seconds + 1) {
        for (caller, socket, next) in &mut callers {
            let now = Instant::now();
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                caller.hear(from, &buffer[..length], now);
            }
            if *next <= now && caller.connected() {
                for _ in 0..2 {
                    assert!(caller.push(&[0x47; 1040], now), "the listener does not keep up");
                }
                *next += FRAME;
            }
            if caller.wake().is_some_and(|at| at <= now) {
                caller.tick(now);
            }
            while let Some(data) = caller.say(now) {
                let _ = socket.send_to(&data, peer);
            }
        }
        std::thread::park_timeout(Duration::from_micros(500));
    }
}

/// User and system time of this process, in the kernel's hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    [fields[11], fields[12]].iter().map(|field| field.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
