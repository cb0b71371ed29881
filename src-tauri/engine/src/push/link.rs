//! One layer's way to the server: mux, SRT caller, UDP socket, and again after each failure.
//!
//! Refuses to keep what is too old to be shown. Invariant: a connection's first picture is a keyframe, and each
//! unit is on the wire before the next one is looked at.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::{AudioConfig, MuxConfig, Track, TsMuxer};
use returnfeed_protocol::Layer;
use returnfeed_srt::{
    Caller, CallerConfig, CallerEnd, CallerEvent, ConfigError, PathReport, Seed, SendRefusal,
};
use secrecy::SecretString;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::backoff::{Backoff, spread};
use super::queue::{UnitQueue, Wanted};
use crate::clock::wall_us;
use crate::encode::Timed;
use crate::switch::CHANNELS;

/// How often the path is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Where one layer is pushed to.
#[derive(Debug, Clone)]
pub struct PushTarget {
    /// Name or address of the server.
    pub host: String,
    /// Its SRT port.
    pub port: u16,
    /// What it is asked for.
    pub stream_id: String,
    /// AES-256 passphrase.
    pub passphrase: SecretString,
    /// Latency to negotiate.
    pub latency: Duration,
}

/// What a push does, for the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushEvent {
    /// It calls the server.
    Connecting,
    /// It is connected and begins with a keyframe.
    Connected {
        /// The latency both ends agreed on.
        latency: Duration,
    },
    /// How the path did lately; each ten seconds.
    Path(PathReport),
    /// It failed.
    Failed {
        /// Why and what to do.
        failure: PushFailure,
        /// When it calls again.
        retry_in: Duration,
    },
}

/// Why a push failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushFailure {
    /// The SRT connection ended or was refused.
    #[error(transparent)]
    End(#[from] CallerEnd),
    /// No connection could be tried with these words.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// This machine's network or its names.
    #[error("{0}")]
    Machine(String),
}

/// Hears what a layer's push does, and when it wants a keyframe.
pub struct OnPush {
    /// Told at each change.
    pub event: Box<dyn Fn(Layer, PushEvent) + Send + Sync>,
    /// Asked for a keyframe.
    pub keyframe: Box<dyn Fn(Layer) + Send + Sync>,
}

/// Between the encoder's threads and one push.
#[derive(Default)]
pub struct Outlet {
    queue: Mutex<UnitQueue>,
    wake: Notify,
    connected: AtomicBool,
}

/// Both outlets.
#[derive(Default)]
pub struct Outlets {
    high: Outlet,
    low: Outlet,
}

impl Outlets {
    /// The outlet of a layer.
    pub fn of(&self, layer: Layer) -> &Outlet {
        match layer {
            Layer::High => &self.high,
            Layer::Low => &self.low,
        }
    }

    /// A unit of a layer came from the encoder; true when the layer needs a keyframe. Never waits.
    ///
    /// Sound goes with the high layer, and with the low one only while the high one is not connected: a TS packet
    /// and a datagram for each Opus packet are 93 kbit/s, as much as the whole low picture.
    pub fn push(&self, layer: Layer, timed: Timed) -> bool {
        let elsewhere = layer == Layer::Low && timed.unit.track == Track::Audio && self.high.is_connected();
        !elsewhere && self.of(layer).push(timed)
    }
}

impl Outlet {
    /// A unit came from the encoder; true when the layer needs a keyframe. Never waits.
    fn push(&self, timed: Timed) -> bool {
        let wanted = self.with(|queue| queue.push(timed));
        self.wake.notify_one();
        wanted == Wanted::Keyframe
    }

    fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    fn with<T>(&self, change: impl FnOnce(&mut UnitQueue) -> T) -> T {
        change(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Pushes one layer until cancelled.
pub async fn run(
    layer: Layer,
    target: PushTarget,
    outlets: Arc<Outlets>,
    on: Arc<OnPush>,
    cancel: CancellationToken,
) {
    let outlet = outlets.of(layer);
    let mut backoff = Backoff::default();
    while !cancel.is_cancelled() {
        (on.event)(layer, PushEvent::Connecting);
        let attempt = Attempt { layer, outlet, on: &on, cancel: &cancel };
        let ended = attempt.run(&target, &mut backoff).await;
        outlet.connected.store(false, Ordering::Relaxed);
        let Some(failure) = ended else { return };
        let retry_in = backoff.next(spread());
        tracing::info!(%layer, %failure, ?retry_in, "push failed");
        (on.event)(layer, PushEvent::Failed { failure, retry_in });
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(retry_in) => {}
        }
    }
}

struct Attempt<'a> {
    layer: Layer,
    outlet: &'a Outlet,
    on: &'a OnPush,
    cancel: &'a CancellationToken,
}

impl Attempt<'_> {
    /// Runs one connection; `None` when it was ended here.
    async fn run(&self, target: &PushTarget, backoff: &mut Backoff) -> Option<PushFailure> {
        let (socket, peer) = match open(target).await {
            Ok(open) => open,
            Err(reason) => return Some(PushFailure::Machine(reason)),
        };
        let config = CallerConfig {
            stream_id: target.stream_id.clone(),
            passphrase: target.passphrase.clone(),
            latency: target.latency,
        };
        let mut random = [0; 32];
        aws_lc_rs::rand::fill(&mut random).expect("the system has randomness");
        let seed = Seed::from(random);
        let caller = match Caller::new(config, &seed, peer, Instant::now()) {
            Ok(caller) => caller,
            Err(error) => return Some(error.into()),
        };
        let mut wire = Wire { caller, socket, mux: None };
        let mut datagram = vec![0; 2048];
        let mut look = tokio::time::interval_at((Instant::now() + LOOK).into(), LOOK);
        let mut seen = wire.caller.stats();
        loop {
            wire.transmit().await;
            while let Some(event) = wire.caller.poll_event() {
                match event {
                    CallerEvent::Connected { latency } => {
                        backoff.reset();
                        self.begin(&mut wire, latency);
                    }
                    // Nothing is requested here.
                    CallerEvent::Message(_) | CallerEvent::Lost(_) => {}
                    CallerEvent::Closed(CallerEnd::ClosedHere) => return None,
                    CallerEvent::Closed(end) => return Some(end.into()),
                }
            }
            let due = wire.caller.poll_timeout().map(|(at, _)| at);
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => {
                    wire.caller.close(Instant::now());
                    wire.transmit().await;
                    return None;
                }
                () = self.outlet.wake.notified(), if wire.mux.is_some() => {}
                received = wire.socket.recv(&mut datagram) => if let Ok(length) = received {
                    // An error here is an ICMP answer to an earlier datagram: the caller finds out by silence.
                    wire.caller.handle_datagram(peer, &datagram[..length], Instant::now());
                },
                () = sleep_until(due) => wire.caller.handle_timeout(Instant::now()),
                _ = look.tick(), if wire.mux.is_some() => {
                    let stats = wire.caller.stats();
                    (self.on.event)(self.layer, PushEvent::Path(stats.since(&seen)));
                    seen = stats;
                }
            }
            self.send_waiting(&mut wire).await;
        }
    }

    fn begin(&self, wire: &mut Wire, latency: Duration) {
        self.outlet.with(UnitQueue::restart);
        let channels = u8::try_from(CHANNELS).unwrap_or(2);
        self.outlet.connected.store(true, Ordering::Relaxed);
        wire.mux = Some(TsMuxer::new(MuxConfig { video: true, audio: Some(AudioConfig { channels }) }));
        (self.on.keyframe)(self.layer);
        (self.on.event)(self.layer, PushEvent::Connected { latency });
    }

    async fn send_waiting(&self, wire: &mut Wire) {
        while wire.mux.is_some() {
            let Some(timed) = self.outlet.with(UnitQueue::pop) else { return };
            match wire.send(timed).await {
                Ok(()) => {}
                Err(SendRefusal::Full) => {
                    tracing::warn!(layer = %self.layer, "the network does not keep up; continuing at a keyframe");
                    self.outlet.with(UnitQueue::restart);
                    (self.on.keyframe)(self.layer);
                }
                Err(refusal) => {
                    tracing::debug!(layer = %self.layer, %refusal, "not sent");
                    return;
                }
            }
        }
    }
}

struct Wire {
    caller: Caller,
    socket: UdpSocket,
    /// There is one while connected.
    mux: Option<TsMuxer>,
}

impl Wire {
    async fn send(&mut self, timed: Timed) -> Result<(), SendRefusal> {
        let Timed { mut unit, stages } = timed;
        if let Some(stages) = stages {
            let stamps = Stamps {
                captured_us: stages.captured_us,
                encoder_in_us: stages.encoder_in_us,
                encoder_out_us: stages.encoder_out_us,
                sent_us: wall_us(),
            };
            unit.data = Bytes::from(capture_time::insert(&unit.data, &stamps));
        }
        let messages = self.mux.as_mut().map(|mux| mux.write(&unit)).unwrap_or_default();
        let mut result = Ok(());
        for message in messages {
            result = self.caller.send(message, Instant::now());
            if result.is_err() {
                break;
            }
        }
        self.transmit().await;
        result
    }

    async fn transmit(&mut self) {
        while let Some(transmit) = self.caller.poll_transmit() {
            // What the system does not take is lost like any datagram: SRT repeats it.
            if let Err(error) = self.socket.send(&transmit.data).await {
                tracing::trace!(%error, "datagram not sent");
            }
        }
    }
}

async fn open(target: &PushTarget) -> Result<(UdpSocket, SocketAddr), String> {
    let PushTarget { host, port, .. } = target;
    let peer = tokio::net::lookup_host((host.as_str(), *port))
        .await
        .map_err(|error| {
            format!("the name {host} is not known ({error}); check the network and the address")
        })?
        .next()
        .ok_or_else(|| format!("the name {host} has no address; check it"))?;
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let open = async {
        let socket = UdpSocket::bind(any).await?;
        // So that the system names the failing peer's answers to this socket alone.
        socket.connect(peer).await?;
        Ok::<_, std::io::Error>(socket)
    };
    let socket = open
        .await
        .map_err(|error| format!("{peer} cannot be reached from here ({error}); check the network"))?;
    Ok((socket, peer))
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
