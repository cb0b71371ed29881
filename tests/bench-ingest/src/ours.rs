//! Our SRT, driven as the product drives it: tokio, one socket for all publishers, a task for each push.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures_util::TryStreamExt;
use futures_util::stream::FuturesUnordered;
use returnfeed_srt::{Caller, CallerConfig, CallerEvent, Listener, ListenerConfig, ListenerEvent, Seed};
use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::sync::Barrier;

use crate::child::say;
use crate::ends::{PASSPHRASE, Send};
use crate::ledger::Ledger;
use crate::units::{Plan, messages};
use crate::usage::Meter;

/// As the cloud's.
const RECEIVE_BUFFER: usize = 4 << 20;
/// How often the wish to stop is looked for.
const LOOK: Duration = Duration::from_millis(100);
/// After the last unit, for the last repetitions.
const LINGER: Duration = Duration::from_secs(1);

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Receives everybody until `stop`.
pub(crate) fn receive(ledger: &mut Ledger, stop: &AtomicBool) -> Result<()> {
    runtime()?.block_on(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER)?;
        let mut listener = Listener::new(ListenerConfig::default(), &Seed::from([7; 32]), Instant::now());
        say(&socket.local_addr()?.port())?;
        ledger.meter.empty();
        let mut buffer = [0; 2048];
        while !stop.load(Ordering::Relaxed) {
            tokio::select! {
                biased;
                received = socket.recv_from(&mut buffer) => if let Ok((length, from)) = received {
                    listener.handle_datagram(from, &buffer[..length], Instant::now());
                },
                () = at(listener.poll_timeout().map(|(at, _)| at)) => listener.handle_timeout(Instant::now()),
                () = tokio::time::sleep(LOOK) => {}
            }
            while let Some(event) = listener.poll_event() {
                match event {
                    ListenerEvent::Asked { connection, .. } => {
                        listener.accept(connection, &PASSPHRASE.into(), Instant::now())?;
                    }
                    ListenerEvent::Message { data, .. } => ledger.note(&data),
                    ListenerEvent::Connected { .. }
                    | ListenerEvent::Lost { .. }
                    | ListenerEvent::Closed { .. } => {}
                }
            }
            while let Some(transmit) = listener.poll_transmit() {
                // A full socket buffer loses the datagram, which SRT repeats.
                let _ = socket.try_send_to(&transmit.data, transmit.to);
            }
        }
        Ok(())
    })
}

/// Pushes every stream; says how many packets were repeated.
pub(crate) fn send(told: &Send, meter: &mut Meter) -> Result<u64> {
    runtime()?.block_on(async {
        meter.empty();
        let meter = RefCell::new(meter);
        let connected = Barrier::new(told.ports.len());
        // Unordered, so that the first failure ends it: the others wait for all to be connected.
        let pushes: FuturesUnordered<_> = told
            .ports
            .iter()
            .zip(0..)
            .map(|(port, stream)| {
                Push { plan: told.plan, stream, connected: &connected, meter: &meter }.run(*port)
            })
            .collect();
        pushes.try_fold(0, |sum, repeated| async move { Ok(sum + repeated) }).await
    })
}

/// One stream's push.
struct Push<'a> {
    plan: Plan,
    stream: u32,
    /// All begin when all are connected.
    connected: &'a Barrier,
    meter: &'a RefCell<&'a mut Meter>,
}

impl Push<'_> {
    async fn run(self, port: u16) -> Result<u64> {
        let peer = SocketAddr::from(([127, 0, 0, 1], port));
        // An address of its own, as publishers have: a listener limits how often one address may ask.
        let own = Ipv4Addr::from(Ipv4Addr::new(127, 0, 1, 1).to_bits() + self.stream);
        let socket = UdpSocket::bind((own, 0)).await?;
        socket.connect(peer).await?;
        let mut caller = call(self.stream, peer)?;
        let mut begin = None;
        let mut next = 0;
        let mut is_connected = false;
        let mut all_connected = pin!(self.connected.wait());
        let mut buffer = [0; 2048];
        loop {
            while let Some(transmit) = caller.poll_transmit() {
                // What the system does not take is lost like any datagram: SRT repeats it.
                let _ = socket.try_send(&transmit.data);
            }
            while let Some(event) = caller.poll_event() {
                match event {
                    CallerEvent::Connected { .. } => is_connected = true,
                    CallerEvent::Message(_) | CallerEvent::Lost(_) => {}
                    CallerEvent::Closed(end) => bail!("stream {}: {end}", self.stream),
                }
            }
            let due = begin.map(|begin: Instant| begin + self.due(next));
            tokio::select! {
                biased;
                received = socket.recv(&mut buffer) => if let Ok(length) = received {
                    caller.handle_datagram(peer, &buffer[..length], Instant::now());
                },
                () = at(caller.poll_timeout().map(|(at, _)| at)) => caller.handle_timeout(Instant::now()),
                () = at(due) => {
                    if next == self.plan.all_units() {
                        return Ok(caller.stats().repeated_packets);
                    }
                    for message in messages(self.stream, next) {
                        caller.send(message.into(), Instant::now())?;
                    }
                    self.meter.borrow_mut().at_unit(next);
                    next += 1;
                }
                _ = &mut all_connected, if is_connected && begin.is_none() => begin = Some(Instant::now()),
            }
        }
    }

    /// When this unit is due; the one after the last is the end.
    fn due(&self, unit: u32) -> Duration {
        let linger = if unit == self.plan.all_units() { LINGER } else { Duration::ZERO };
        self.plan.due(self.stream, unit) + linger
    }
}

fn call(stream: u32, peer: SocketAddr) -> Result<Caller> {
    let config = CallerConfig {
        stream_id: format!("stream {stream}"),
        passphrase: PASSPHRASE.into(),
        latency: Duration::from_millis(20),
    };
    let mut seed = [1; 32];
    seed[..4].copy_from_slice(&stream.to_be_bytes());
    Ok(Caller::new(config, &Seed::from(seed), peer, Instant::now())?)
}
