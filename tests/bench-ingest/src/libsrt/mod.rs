//! libsrt, driven as its own programs drive it: one thread that waits in its epoll to receive, one thread that sends
//! by the clock; all else happens in libsrt's own threads.
//!
//! It is the system's own library, loaded while the program runs, through its C interface: a program like
//! `srt-live-transmit` would add a pipe and a poll of its own to each delay. Latency apart, its options are its
//! defaults, with a receive buffer of the system's as large as ours.

mod abi;
mod socket;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::child::say;
use crate::ends::Send;
use crate::ledger::Ledger;
use crate::units::messages;
use crate::usage::Meter;
pub(crate) use abi::Library;
use socket::{Epoll, Socket};

/// After the last unit, for the last repetitions.
const LINGER: Duration = Duration::from_secs(1);

/// Receives everybody until `stop`.
pub(crate) fn receive(latency_ms: u32, ledger: &mut Ledger, stop: &AtomicBool) -> Result<()> {
    let library = Library::load()?;
    let listener = Socket::listen(&library, latency_ms)?;
    let epoll = Epoll::new(&library)?;
    epoll.watch(&listener)?;
    say(&listener.port()?)?;
    ledger.meter.empty();
    let mut streams: Vec<Socket<'_>> = Vec::new();
    let mut buffer = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        for ready in epoll.wait(Duration::from_millis(100)) {
            if listener.is(ready) {
                let stream = listener.accept()?;
                epoll.watch(&stream)?;
                streams.push(stream);
            } else if let Some(stream) = streams.iter().find(|stream| stream.is(ready)) {
                while let Some(length) = stream.receive(&mut buffer) {
                    ledger.note(&buffer[..length]);
                }
            }
        }
    }
    Ok(())
}

/// Pushes every stream; says how many packets were repeated.
pub(crate) fn send(latency_ms: u32, told: &Send, meter: &mut Meter) -> Result<u64> {
    let library = Library::load()?;
    meter.empty();
    let streams = told
        .ports
        .iter()
        .map(|port| Socket::call(&library, SocketAddr::from(([127, 0, 0, 1], *port)), latency_ms))
        .collect::<Result<Vec<_>>>()?;
    let begin = Instant::now();
    for unit in 0..told.plan.all_units() {
        for (stream, number) in streams.iter().zip(0..) {
            let due = begin + told.plan.due(number, unit);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            for message in messages(number, unit) {
                stream.send(&message)?;
            }
            meter.at_unit(unit);
        }
    }
    thread::sleep(LINGER);
    streams.iter().map(Socket::repeated).sum()
}
