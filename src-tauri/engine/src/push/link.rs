//! One layer's way to the server: mux, SRT caller, UDP socket, and again after each failure.
//!
//! Refuses to keep what is too old to be shown. Invariant: a connection's first picture is a keyframe, and each
//! unit is on the wire before the next one is looked at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use returnfeed_media::capture_time::{self, Stamps};
use returnfeed_media::{AudioConfig, MuxConfig, Track, TsMuxer};
use returnfeed_protocol::Layer;
use returnfeed_srt::{Caller, CallerEnd, CallerEvent, PathReport, SendRefusal};
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::backoff::{Backoff, spread};
use super::queue::{UnitQueue, Wanted};
use super::target::{Call, PushFailure, PushTarget};
use crate::clock::wall_us;
use crate::encode::Timed;
use crate::switch::CHANNELS;

/// How often the path is looked at.
const LOOK: Duration = Duration::from_secs(10);

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
        let Call { caller, socket, peer } = match target.call().await {
            Ok(call) => call,
            Err(failure) => return Some(failure),
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

pub(super) async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
