//! The way out: frames in, WebRTC viewers served.
//!
//! This is the seam behind which WebRTC is made: outside of this room nobody knows with which library, or on how
//! many threads. It refuses to make a fast viewer wait for a slow one, and ingest for either.
//! Invariant: a frame goes to the viewers of its session and to nobody else.

mod alarms;
mod answer;
mod batch;
mod catch_up;
mod command;
mod dtls;
mod fan_out;
mod flow;
mod house;
mod identity;
#[cfg(test)]
mod lab;
mod nomination;
mod offer;
mod peer;
mod ports;
mod restart;
mod room;
mod shard;
mod socket;
mod srtp;
mod stun;
mod tcp;
mod viewer;
mod viewers;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use returnfeed_protocol::{Layer, ParticipantId, SessionId, ViewerId};
use returnfeed_simulcast::{Network, Thresholds, choose};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use command::{Answered, Command};
pub(crate) use fan_out::FanOut;
use ports::{Opened, open_all};

use crate::media::board::{Board, Bounds, Seat};
use crate::media::{
    IceAnswer, IceRefusal, IceUpdate, JoinRefusal, JoinViewer, MediaConfig, MediaEvent, SelectRefusal,
    ViewerAnswer, ViewerLimits, ViewerQuality,
};

/// Frames under way to a shard: a second of two layers and sound. A full queue drops to the next keyframe.
const FRAMES: usize = 256;
/// Commands under way to a shard.
const COMMANDS: usize = 256;

/// The way out; cheap to clone.
#[derive(Clone)]
pub(crate) struct Egress {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Vec<mpsc::Sender<Command>>,
    fan_out: FanOut,
    board: Arc<Board>,
    bounds: Mutex<Bounds>,
    quality: Thresholds,
    ports: Vec<u16>,
    stop: CancellationToken,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Egress {
    /// Opens the ports and starts the shards. `wanted` takes the keyframes that viewers wait for.
    ///
    /// # Errors
    /// Which address could not be opened, and what the system says.
    pub(crate) fn start(
        config: &MediaConfig,
        board: Arc<Board>,
        events: broadcast::Sender<MediaEvent>,
        wanted: mpsc::Sender<(SessionId, Layer)>,
    ) -> Result<Self, (SocketAddr, io::Error)> {
        let stop = CancellationToken::new();
        let identity = identity::Identity::new().map_err(|error| (config.webrtc, io::Error::other(error)))?;
        let sockets = open_all(config.webrtc, config.shards)?;
        let (mut shards, mut frames, mut threads, mut ports) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, Opened { address, socket, listener }) in sockets.into_iter().enumerate() {
            let (commander, commands) = mpsc::channel(COMMANDS);
            let (fanned, frames_in) = mpsc::channel(FRAMES);
            let parts = shard::Parts {
                socket,
                listener,
                public: config.public_addresses.clone(),
                handshake: config.limits.handshake,
                identity: identity.clone(),
                board: Arc::clone(&board),
                events: events.clone(),
                wanted: wanted.clone(),
                commands,
                frames: frames_in,
                stop: stop.clone(),
            };
            let name = format!("egress-{index}");
            let thread = std::thread::Builder::new().name(name).spawn(move || shard::run(parts));
            threads.push(thread.map_err(|error| (address, error))?);
            ports.push(address.port());
            shards.push(commander);
            frames.push(fanned);
        }
        let bounds = Bounds { viewers: config.max_viewers, shards: shards.len(), limits: config.limits };
        let inner = Inner {
            shards,
            fan_out: FanOut::new(frames),
            board,
            bounds: Mutex::new(bounds),
            quality: config.quality,
            ports,
            stop,
            threads: Mutex::new(threads),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The port of each shard.
    pub(crate) fn ports(&self) -> &[u16] {
        &self.inner.ports
    }

    /// Where frames go in.
    pub(crate) fn fan_out(&self) -> FanOut {
        self.inner.fan_out.clone()
    }

    /// For whoever comes from now on; the time for a handshake is a shard's own, and stays.
    pub(crate) fn set_limits(&self, viewers: usize, limits: ViewerLimits) {
        let mut bounds = self.inner.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        *bounds = Bounds { viewers, limits, ..*bounds };
    }

    /// Makes a viewer session; the work is done on its shard.
    pub(crate) async fn join(&self, join: JoinViewer) -> Result<ViewerAnswer, JoinRefusal> {
        let video_line = offer::check(&join.offer)?;
        let JoinViewer { session, participant, role, layer, max_layer: best, address, until, offer } = join;
        let wanted = layer.unwrap_or(Layer::High);
        let present = self.inner.board.present(session);
        let Some(&arriving) = present.layers().first() else { return Err(JoinRefusal::NoPublisher) };
        let given = choose(wanted, best, Network::UNKNOWN, present);
        let given = given.ok_or(JoinRefusal::NoLayerForRole { present: arriving })?.layer;

        let viewer = ViewerId::from_uuid(Uuid::now_v7());
        let seat = |shard| Seat {
            session,
            participant,
            role,
            best,
            shard,
            video_line,
            address,
            until,
            finished: false,
            given: None,
        };
        let bounds = *self.inner.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        let seat = self.inner.board.seat(viewer, &bounds, seat)?;
        let (reply, answered) = oneshot::channel();
        let quality = self.inner.quality;
        let sent = self.send(seat.shard, Command::Join { viewer, seat, wanted, quality, offer, reply }).await;
        let answer = if sent {
            answered.await.unwrap_or(Err(JoinRefusal::Stopping))
        } else {
            Err(JoinRefusal::Stopping)
        };
        match answer {
            Ok(Answered { answer, etag }) => {
                tracing::info!(%session, %viewer, %participant, %role, layer = %given, "a viewer joined");
                Ok(ViewerAnswer { viewer, answer, etag })
            }
            Err(refusal) => {
                self.inner.board.unseat(viewer);
                Err(refusal)
            }
        }
    }

    /// Sets what a viewer wishes for. Who has no right to it is given what it has a right to.
    pub(crate) async fn select(
        &self,
        session: SessionId,
        viewer: ViewerId,
        participant: ParticipantId,
        layer: Layer,
    ) -> Result<(), SelectRefusal> {
        let seat = self.seat(session, viewer, participant).ok_or(SelectRefusal::NotFound)?;
        if layer <= seat.best && !self.inner.board.present(session).has(layer) {
            return Err(SelectRefusal::Absent(layer));
        }
        self.send(seat.shard, Command::Select { viewer, layer }).await;
        Ok(())
    }

    /// Sets the best layer that a participant may have. Nothing better goes out to them from then on.
    pub(crate) async fn set_best(&self, session: SessionId, participant: ParticipantId, best: Layer) {
        for (viewer, seat) in self.inner.board.set_best(session, participant, best) {
            self.send(seat.shard, Command::SetBest { viewer, best }).await;
        }
    }

    /// How the viewers of a session fare.
    pub(crate) async fn quality(&self, session: SessionId) -> Vec<ViewerQuality> {
        let mut all = Vec::new();
        for shard in 0..self.inner.shards.len() {
            let (reply, answered) = oneshot::channel();
            if self.send(shard, Command::Quality { session, reply }).await {
                // An error says that the shard is gone, and its viewers with it.
                all.extend(answered.await.unwrap_or_default());
            }
        }
        all
    }

    /// Takes a viewer's wish back: it has the best layer that its right and its network allow.
    pub(crate) async fn unselect(
        &self,
        session: SessionId,
        viewer: ViewerId,
        participant: ParticipantId,
    ) -> Result<(), SelectRefusal> {
        let seat = self.seat(session, viewer, participant).ok_or(SelectRefusal::NotFound)?;
        self.send(seat.shard, Command::Select { viewer, layer: Layer::High }).await;
        Ok(())
    }

    /// Takes what a viewer says of its ICE session.
    pub(crate) async fn update_ice(
        &self,
        session: SessionId,
        viewer: ViewerId,
        participant: ParticipantId,
        update: IceUpdate,
    ) -> Result<IceAnswer, IceRefusal> {
        let seat = self.seat(session, viewer, participant).ok_or(IceRefusal::NotFound)?;
        let (reply, answered) = oneshot::channel();
        self.send(seat.shard, Command::Ice { viewer, update, reply }).await;
        // An error says that the shard is gone, and the viewer with it.
        answered.await.unwrap_or(Err(IceRefusal::NotFound))
    }

    /// Ends a viewer session; false if this participant has no such one.
    pub(crate) async fn leave(
        &self,
        session: SessionId,
        viewer: ViewerId,
        participant: ParticipantId,
    ) -> bool {
        let Some(seat) = self.seat(session, viewer, participant) else { return false };
        let (done, left) = oneshot::channel();
        if self.send(seat.shard, Command::Leave { viewer, done }).await {
            // An error says that the shard is gone, and the viewer with it.
            let _ = left.await;
        }
        true
    }

    /// Ends every viewer session of a session.
    pub(crate) async fn end_session(&self, session: SessionId) {
        for shard in 0..self.inner.shards.len() {
            self.send(shard, Command::EndSession { session }).await;
        }
    }

    /// Ends every viewer session of a participant.
    pub(crate) async fn end_participant(&self, participant: ParticipantId) {
        for shard in 0..self.inner.shards.len() {
            self.send(shard, Command::EndParticipant { participant }).await;
        }
    }

    /// Says goodbye to every viewer and ends the threads.
    pub(crate) async fn shutdown(&self) {
        self.inner.stop.cancel();
        let threads = std::mem::take(&mut *self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || {
            threads.into_iter().filter_map(|thread| thread.join().err()).count()
        });
        match joined.await {
            Ok(0) => {}
            Ok(panicked) => tracing::error!(panicked, "egress threads did not end well"),
            Err(error) => tracing::error!(%error, "egress threads were not joined"),
        }
    }

    fn seat(&self, session: SessionId, viewer: ViewerId, participant: ParticipantId) -> Option<Seat> {
        self.inner.board.find(session, viewer).filter(|seat| seat.participant == participant)
    }

    async fn send(&self, shard: usize, command: Command) -> bool {
        match self.inner.shards.get(shard) {
            Some(shard) => shard.send(command).await.is_ok(),
            None => false,
        }
    }
}
