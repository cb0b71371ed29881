//! The path: a user-space UDP relay that delays, loses and reorders by committed dice. Each row of the comparison
//! has a thread of its own here and the same dice, so that none meets better weather or stands in another's way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::poll::{PollFd, PollFlags, ppoll};
use serde::{Deserialize, Serialize};

use crate::cases::Case;
use crate::child::{say, stop_asked};
use crate::path::Way;
use crate::watchdog::STALL;

/// How long a row's thread sleeps at most.
const IDLE: Duration = Duration::from_millis(50);

/// What the relay is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) case: Case,
    pub(crate) streams: u32,
    /// The port behind each row.
    pub(crate) receivers: Vec<u16>,
}

/// How it went.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Carried {
    pub(crate) carried: u64,
    pub(crate) lost: u64,
    /// Times that a datagram left so late that the machine must have stood still.
    pub(crate) stalls: u32,
}

/// Runs the relay; says every row's ports, one for each stream.
pub(crate) fn run(told: &Told) -> Result<()> {
    let rows = told.receivers.iter().map(|port| row(told, *port)).collect::<Result<Vec<_>>>()?;
    let ports: Vec<Vec<u16>> =
        rows.iter().map(|flows| flows.iter().map(|flow| flow.port).collect()).collect();
    say(&ports)?;
    let stop = stop_asked();
    let mut all = Carried::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = rows.into_iter().map(|flows| scope.spawn(|| carry(flows, &stop))).collect();
        for thread in threads {
            let carried = thread.join().expect("a relay's thread does not panic")?;
            all.carried += carried.carried;
            all.lost += carried.lost;
            all.stalls += carried.stalls;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    say(&all)
}

/// One caller's path to the listener and back.
struct Flow {
    /// Towards the caller, and its address once it spoke.
    near: UdpSocket,
    port: u16,
    caller: Option<SocketAddr>,
    /// Towards the listener.
    far: UdpSocket,
    ways: [Way; 2],
}

fn row(told: &Told, receiver: u16) -> Result<Vec<Flow>> {
    (0..u64::from(told.streams))
        .map(|stream| {
            let near = UdpSocket::bind("127.0.0.1:0")?;
            let far = UdpSocket::bind("127.0.0.1:0")?;
            far.connect(("127.0.0.1", receiver))?;
            near.set_nonblocking(true)?;
            far.set_nonblocking(true)?;
            let port = near.local_addr()?.port();
            let path = told.case.path();
            let ways = [0, 1].map(|way| Way::new(path, told.case.seed() + stream * 2 + way));
            Ok(Flow { near, port, caller: None, far, ways })
        })
        .collect()
}

/// A datagram on its way: when it arrives, its number, its flow, whether it goes to the listener.
type Travelling = Reverse<(Instant, u64, usize, bool, Vec<u8>)>;

fn carry(mut flows: Vec<Flow>, stop: &AtomicBool) -> Result<Carried> {
    let mut in_flight = BinaryHeap::<Travelling>::new();
    let mut carried = Carried::default();
    let mut buffer = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        let due = in_flight.peek().map(|Reverse((at, ..))| at.saturating_duration_since(Instant::now()));
        for (index, to_listener) in readable(&flows, due.unwrap_or(IDLE).min(IDLE))? {
            let flow = &mut flows[index];
            loop {
                let socket = if to_listener { &flow.near } else { &flow.far };
                // Nothing more, or an answer by ICMP of one that is gone.
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { break };
                if to_listener {
                    flow.caller = Some(from);
                }
                let now = Instant::now();
                let copies = flow.ways[usize::from(to_listener)].carry();
                carried.lost += u64::from(copies.is_empty());
                for delay in copies {
                    carried.carried += 1;
                    let data = buffer[..length].to_vec();
                    in_flight.push(Reverse((now + delay, carried.carried, index, to_listener, data)));
                }
            }
        }
        let now = Instant::now();
        let late = in_flight.peek().map(|Reverse((at, ..))| now.saturating_duration_since(*at));
        carried.stalls += u32::from(late.is_some_and(|late| late > STALL));
        while in_flight.peek().is_some_and(|Reverse((at, ..))| *at <= now) {
            let Some(Reverse((_, _, index, to_listener, data))) = in_flight.pop() else { break };
            let flow = &flows[index];
            // What the system does not take is lost, as on any path.
            let _ = match (to_listener, flow.caller) {
                (true, _) => flow.far.send(&data),
                (false, Some(caller)) => flow.near.send_to(&data, caller),
                (false, None) => Ok(0),
            };
        }
    }
    Ok(carried)
}

/// Waits at most so long; which flows have something to read, and in which direction it goes.
fn readable(flows: &[Flow], wait: Duration) -> Result<Vec<(usize, bool)>> {
    let mut polled: Vec<PollFd<'_>> = flows
        .iter()
        .flat_map(|flow| [&flow.near, &flow.far])
        .map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN))
        .collect();
    match ppoll(&mut polled, Some(wait.into()), None) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready = polled.iter().enumerate().filter(|(_, fd)| fd.any().unwrap_or(false));
    Ok(ready.map(|(index, _)| (index / 2, index % 2 == 0)).collect())
}
