//! The media plane on real parts: real encoders push over SRT, a WebRTC client watches, nothing is replaced.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of a test fail loudly; lints see only #[test] functions as tests"
)]

mod adversity;
mod caller;
mod encoder;
mod probe;
mod publish;
mod viewer;
mod watch;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use returnfeed_cloud::media::{
    Admission, AdmissionRefusal, Admitted, MediaConfig, MediaEvent, MediaPlane, ViewerLimits,
};
use returnfeed_protocol::{Layer, LayerReason, ParticipantId, SessionId, StreamId, StreamRequest};
use tokio::sync::broadcast;

use viewer::Ask;

/// Generous, for a machine that does other things too; what is waited for usually comes within a second.
pub(crate) const DEADLINE: Duration = Duration::from_secs(40);

pub(crate) fn session(n: u8) -> SessionId {
    SessionId::from_parts(u64::from(n), [n; 10])
}

pub(crate) fn ask(n: u8) -> Ask {
    let participant = ParticipantId::from_parts(u64::from(n), [n; 10]);
    Ask { session: session(n), participant, layer: None, max_layer: Layer::High }
}

/// What everybody hears who asks to be let in.
#[derive(Clone, Copy)]
enum Word {
    /// The one passphrase.
    Admitted,
    Refused(AdmissionRefusal),
    /// Never a word.
    Silence,
}

/// Says the same to everybody, and counts them.
struct Gate {
    word: Mutex<Word>,
    asks: AtomicUsize,
}

impl Admission for Gate {
    fn admit(
        &self,
        _stream: StreamId,
        _peer: SocketAddr,
    ) -> BoxFuture<'static, Result<Admitted, AdmissionRefusal>> {
        let word = *self.word.lock().unwrap();
        self.asks.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            match word {
                Word::Refused(refusal) => Err(refusal),
                Word::Admitted => Ok(Admitted { passphrase: encoder::KEY.into() }),
                Word::Silence => std::future::pending().await,
            }
        })
    }

    fn serve(&self, _request: StreamRequest) -> Result<Admitted, AdmissionRefusal> {
        Ok(Admitted { passphrase: encoder::KEY.into() })
    }
}

/// A media plane on ports of its own.
pub(crate) struct Server {
    pub(crate) plane: MediaPlane,
    pub(crate) events: broadcast::Receiver<MediaEvent>,
    gate: Arc<Gate>,
}

pub(crate) fn config() -> MediaConfig {
    MediaConfig {
        srt: SocketAddr::from(([127, 0, 0, 1], 0)),
        webrtc: SocketAddr::from(([127, 0, 0, 1], 0)),
        shards: NonZeroUsize::MIN,
        public_addresses: Vec::new(),
        max_viewers: 4,
        quality: returnfeed_simulcast::Thresholds::default(),
        limits: ViewerLimits::default(),
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(config()).await
    }

    pub(crate) async fn start_with(config: MediaConfig) -> Self {
        let gate = Arc::new(Gate { word: Mutex::new(Word::Admitted), asks: AtomicUsize::new(0) });
        let plane = MediaPlane::start(config, Arc::clone(&gate) as Arc<dyn Admission>).await.unwrap();
        let events = plane.events();
        Self { plane, events, gate }
    }

    pub(crate) fn refuse(&self, refusal: AdmissionRefusal) {
        *self.gate.word.lock().unwrap() = Word::Refused(refusal);
    }

    pub(crate) fn keep_waiting(&self) {
        *self.gate.word.lock().unwrap() = Word::Silence;
    }

    pub(crate) fn admit(&self) {
        *self.gate.word.lock().unwrap() = Word::Admitted;
    }

    /// How many have asked to be let in.
    pub(crate) fn asks(&self) -> usize {
        self.gate.asks.load(Ordering::Relaxed)
    }

    pub(crate) fn push(&self, n: u8, layer: Layer) -> encoder::Push {
        encoder::Push::new(self.plane.local_ports().srt, session(n), layer)
    }

    /// Waits for an event that `takes` something from, passing over others.
    pub(crate) async fn event<T>(&mut self, what: &str, takes: impl Fn(&MediaEvent) -> Option<T>) -> T {
        let end = Instant::now() + DEADLINE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = tokio::time::timeout(left, self.events.recv()).await;
            let event = event.unwrap_or_else(|_| panic!("{what} did not happen")).unwrap();
            if let Some(taken) = takes(&event) {
                return taken;
            }
        }
    }

    /// The next change of a viewer's layer: from, to, why.
    pub(crate) async fn switched(&mut self) -> (Option<Layer>, Layer, LayerReason) {
        self.event("a change of layer", |event| match event {
            MediaEvent::LayerSwitched { from, to, reason, .. } => Some((*from, *to, *reason)),
            _ => None,
        })
        .await
    }

    pub(crate) async fn arrived(&mut self, n: u8, layer: Layer) {
        let wanted = session(n);
        self.event("the layer's arrival", |event| match event {
            MediaEvent::LayerArrived { session, layer: of } if *session == wanted && *of == layer => Some(()),
            _ => None,
        })
        .await;
    }
}
