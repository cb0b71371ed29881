//! One layer of a session, fetched from the server that has its push: called again and again until it is let go.
//!
//! The shell of a [`Caller`]; what it brings goes to the ingest as it came, capture times included.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use returnfeed_protocol::{StreamId, StreamRequest};
use returnfeed_srt::{Caller, CallerConfig, CallerEnd, CallerEvent, Seed};
use secrecy::SecretString;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::ingest::{Brought, PullId, Pulled};
use crate::random;

/// Between two calls.
const AGAIN: Duration = Duration::from_millis(250);
/// As a pushing engine asks for; repetitions of the last hop have the time that the hold leaves.
const LATENCY: Duration = Duration::from_millis(20);
/// How long a gap may hold back what came after it: servers are near each other, and the first hop had its own.
const HOLD: Duration = Duration::from_millis(400);
const LOOK: Duration = Duration::from_millis(250);

/// What is fetched, and where.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// Host and port.
    pub(super) at: (String, u16),
    /// As which stream it arrives here.
    pub(super) stream: StreamId,
    pub(super) passphrase: SecretString,
}

/// Runs until it is let go.
pub(super) async fn run(target: Target, brings: mpsc::Sender<Pulled>, stop: CancellationToken) {
    let _ = stop.run_until_cancelled(again_and_again(&target, &brings)).await;
}

async fn again_and_again(target: &Target, brings: &mpsc::Sender<Pulled>) {
    let StreamId { session, layer, .. } = &target.stream;
    let mut told = None;
    loop {
        let pull = PullId(u64::from_be_bytes(random::bytes()));
        let why = match fetch(target, pull, brings).await {
            Ok(end) => end.to_string(),
            Err(error) => error.to_string(),
        };
        let _ = brings.send(pulled(target, pull, Brought::Ended)).await; // the ingest has ended before us
        if told.as_ref() != Some(&why) {
            tracing::warn!(%session, %layer, at = %target.at.0, %why, "a session is not fetched; trying again");
            told = Some(why);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn pulled(target: &Target, pull: PullId, what: Brought) -> Pulled {
    Pulled { pull, stream: target.stream.clone(), what }
}

/// One call, to its end.
async fn fetch(target: &Target, pull: PullId, brings: &mpsc::Sender<Pulled>) -> std::io::Result<CallerEnd> {
    let (host, port) = &target.at;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut found = tokio::net::lookup_host((host, *port)).await?;
    let peer = found.next().ok_or_else(|| std::io::Error::other("the name has no address"))?;
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(peer).await?;
    let StreamId { session, layer, .. } = target.stream;
    let stream_id = StreamRequest { session, layer }.to_string();
    let config = CallerConfig { stream_id, passphrase: target.passphrase.clone(), latency: LATENCY };
    let seed = Seed::from(random::bytes());
    let caller = Caller::request(config, HOLD, &seed, peer, Instant::now()).map_err(std::io::Error::other)?;
    let mut call = Goodbye { caller, socket };
    let mut buffer = vec![0; 2048];
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        call.transmit();
        while let Some(event) = call.caller.poll_event() {
            let what = match event {
                CallerEvent::Connected { .. } => Brought::Began,
                CallerEvent::Message(data) => Brought::Message(data),
                CallerEvent::Lost(_) => Brought::Lost,
                CallerEvent::Closed(end) => return Ok(end),
            };
            if brings.send(pulled(target, pull, what)).await.is_err() {
                return Ok(CallerEnd::ClosedHere);
            }
        }
        let due = call.caller.poll_timeout().map(|(at, _)| at);
        tokio::select! {
            biased;
            received = call.socket.recv(&mut buffer) => if let Ok(length) = received {
                // An error here is an ICMP answer to an earlier datagram: the caller finds out by silence.
                let data = buffer.get(..length).unwrap_or_default();
                call.caller.handle_datagram(peer, data, Instant::now());
            },
            () = sleep_until(due) => call.caller.handle_timeout(Instant::now()),
            _ = look.tick() => if let Some(stats) = call.caller.received() {
                let _ = brings.try_send(pulled(target, pull, Brought::Path(stats))); // the next one says the same
            },
        }
    }
}

/// Says goodbye when it is let go, whoever lets it go.
struct Goodbye {
    caller: Caller,
    socket: UdpSocket,
}

impl Goodbye {
    fn transmit(&mut self) {
        while let Some(transmit) = self.caller.poll_transmit() {
            // What the system does not take is lost like any datagram: SRT repeats it.
            let _ = self.socket.try_send(&transmit.data);
        }
    }
}

impl Drop for Goodbye {
    fn drop(&mut self) {
        self.caller.close(Instant::now());
        self.transmit();
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
