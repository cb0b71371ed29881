//! The media plane as the rest of the server sees it: SRT in, WHEP out.
//!
//! It refuses to know accounts, tokens and SQL: who may push is asked of an [`Admission`], who may watch is
//! decided before [`MediaPlane::join`]. Invariant: nothing here that is on a packet's way waits for a caller.

pub(crate) mod board;
mod ice;
mod limits;
pub(crate) mod push;
mod words;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use returnfeed_protocol::{Layer, LayerReason, ParticipantId, Picture, PublishKeyId, SessionId, ViewerId};
use tokio::net::UdpSocket;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use ice::{IceAnswer, IceCredentials, IceRefusal, IceSession, IceUpdate};
pub use limits::ViewerLimits;
pub use push::PushQuality;
pub use words::{
    Admission, AdmissionRefusal, Admitted, JoinRefusal, JoinViewer, LocalPorts, MediaConfig, MediaEvent,
    SelectRefusal, StartError, ViewerAnswer, ViewerQuality,
};

use crate::egress::Egress;
use crate::ingest;
use board::Board;

/// Events that a slow listener may be behind before it misses the oldest. It then reads [`MediaPlane::picture`].
const EVENTS: usize = 1024;
/// Commands under way to the ingest.
const COMMANDS: usize = 256;
/// What our requests at other servers brought and is not taken yet: two keyframes of a dozen sessions. A full queue holds
/// back the request's own socket, and the kernel keeps what comes.
const PULLED: usize = 1024;
/// What the kernel keeps while the loop is busy: a second of a hundred publishers' bursts.
const SRT_RECEIVE_BUFFER: usize = 4 * 1024 * 1024;

/// The media plane; cheap to clone.
#[derive(Clone)]
pub struct MediaPlane {
    shared: Arc<Shared>,
}

struct Shared {
    events: broadcast::Sender<MediaEvent>,
    board: Arc<Board>,
    ingest: mpsc::Sender<ingest::Command>,
    puller: mpsc::Sender<ingest::Pulled>,
    egress: Egress,
    ports: LocalPorts,
    stop: CancellationToken,
    tasks: TaskTracker,
    running: Mutex<Option<JoinHandle<()>>>,
    /// What the director's uplink says of its pictures, for other servers.
    directors: Mutex<HashMap<SessionId, Director>>,
    /// What arrives at other servers.
    far: Mutex<HashMap<SessionId, Vec<Layer>>>,
}

/// Of the one who pushes.
#[derive(Debug, Clone, Copy, Default)]
struct Director {
    on_request: bool,
    ahead_us: Option<i64>,
}

impl MediaPlane {
    /// Opens both ports and begins.
    ///
    /// # Errors
    /// When a port cannot be opened.
    pub async fn start(config: MediaConfig, admission: Arc<dyn Admission>) -> Result<Self, StartError> {
        let socket = srt_socket(config.srt).map_err(|cause| StartError::srt(config.srt, cause))?;
        let srt = socket.local_addr().map_err(|cause| StartError::srt(config.srt, cause))?;
        let events = broadcast::channel(EVENTS).0;
        let board = Arc::new(Board::default());
        let (wanted, wants) = mpsc::channel(COMMANDS);
        let (commander, commands) = mpsc::channel(COMMANDS);
        let (puller, pulled) = mpsc::channel(PULLED);
        let egress = Egress::start(&config, Arc::clone(&board), events.clone(), wanted)
            .map_err(|(address, cause)| StartError::webrtc(address, cause))?;
        let stop = CancellationToken::new();
        let parts = ingest::Parts {
            socket,
            admission,
            board: Arc::clone(&board),
            events: events.clone(),
            fan_out: egress.fan_out(),
            commands,
            wants,
            pulled,
        };
        let running = tokio::spawn(ingest::run(parts, stop.clone()));
        let shards = egress.ports().to_vec();
        let webrtc = shards.first().copied().unwrap_or_default();
        let ports = LocalPorts { srt: srt.port(), webrtc, shards };
        Ok(Self {
            shared: Arc::new(Shared {
                events,
                board,
                ingest: commander,
                puller,
                egress,
                ports,
                stop,
                tasks: TaskTracker::new(),
                running: Mutex::new(Some(running)),
                directors: Mutex::default(),
                far: Mutex::default(),
            }),
        })
    }

    /// The ports in use: those configured, or what the system chose for 0.
    pub fn local_ports(&self) -> LocalPorts {
        self.shared.ports.clone()
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<MediaEvent> {
        self.shared.events.subscribe()
    }

    /// Layers that arrive now.
    pub fn picture(&self, session: SessionId) -> Picture {
        Picture { layers: self.shared.board.present(session).layers() }
    }

    /// Layers that arrive now, here or, where none does, at another server.
    pub fn picture_anywhere(&self, session: SessionId) -> Picture {
        let here = self.picture(session);
        if !here.layers.is_empty() {
            return here;
        }
        Picture { layers: self.far().get(&session).cloned().unwrap_or_default() }
    }

    /// Notes which layers arrive at another server; none: it is forgotten.
    pub(crate) fn set_far_picture(&self, session: SessionId, layers: Vec<Layer>) {
        let before = match layers.is_empty() {
            true => self.far().remove(&session),
            false => self.far().insert(session, layers.clone()),
        };
        if before.unwrap_or_default() != layers {
            // Nobody listens: nobody needs to know.
            let _ = self.shared.events.send(MediaEvent::FarPicture { session });
        }
    }

    /// The sessions whose picture arrives at another server.
    pub(crate) fn far_pictures(&self) -> Vec<SessionId> {
        self.far().keys().copied().collect()
    }

    fn far(&self) -> MutexGuard<'_, HashMap<SessionId, Vec<Layer>>> {
        self.shared.far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much each layer brings that arrives, in bit/s, once it is measured.
    pub fn rates(&self, session: SessionId) -> Vec<(Layer, u64)> {
        self.shared.board.rates(session)
    }

    /// Index of the video section in a viewer session's SDP; `None` when there is no such viewer session.
    pub fn video_line(&self, session: SessionId, viewer: ViewerId) -> Option<usize> {
        self.shared.board.find(session, viewer).map(|seat| seat.video_line)
    }

    /// The layer that a viewer session has, and why; `None` before its first picture.
    pub fn given(&self, session: SessionId, viewer: ViewerId) -> Option<(Layer, LayerReason)> {
        self.shared.board.find(session, viewer)?.given
    }

    /// The pushes that run, the high layer's first.
    pub fn pushes(&self, session: SessionId) -> Vec<PushQuality> {
        self.shared.board.pushes(session)
    }

    /// The key of the push that runs.
    pub(crate) fn push_key(&self, session: SessionId) -> Option<PublishKeyId> {
        self.shared.board.push_key(session)
    }

    /// The sessions that somebody pushes into or watches.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.shared.board.sessions()
    }

    /// How many viewer sessions there are.
    pub fn viewers(&self, session: SessionId) -> u32 {
        self.shared.board.viewers(session)
    }

    /// How each viewer session of a session fares, in no order.
    pub async fn quality(&self, session: SessionId) -> Vec<ViewerQuality> {
        self.shared.egress.quality(session).await
    }

    /// Bounds for whoever comes from now on; nobody who is here is sent away.
    pub fn set_limits(&self, max_viewers: usize, limits: ViewerLimits) {
        self.shared.egress.set_limits(max_viewers, limits);
    }

    /// Makes a viewer session.
    ///
    /// # Errors
    /// See [`JoinRefusal`].
    pub async fn join(&self, viewer: JoinViewer) -> Result<ViewerAnswer, JoinRefusal> {
        self.shared.egress.join(viewer).await
    }

    /// Moves a viewer session to another layer at its next IDR.
    ///
    /// # Errors
    /// See [`SelectRefusal`].
    pub async fn select_layer(
        &self,
        session: SessionId,
        viewer: ViewerId,
        participant: ParticipantId,
        layer: Layer,
    ) -> Result<(), SelectRefusal> {
        self.shared.egress.select(session, viewer, participant, layer).await
    }

    /// Leaves the choice of the layer to the server again.
    ///
    /// # Errors
    /// [`SelectRefusal::NotFound`] alone.
    pub async fn unselect_layer(
        &self,
        session: SessionId,
        viewer: ViewerId,
        participant: ParticipantId,
    ) -> Result<(), SelectRefusal> {
        self.shared.egress.unselect(session, viewer, participant).await
    }

    /// Takes what a viewer says of its ICE session; begins it anew where that is asked.
    ///
    /// # Errors
    /// See [`IceRefusal`]; the ICE session then goes on as it was.
    pub async fn update_ice(
        &self,
        session: SessionId,
        viewer: ViewerId,
        participant: ParticipantId,
        update: IceUpdate,
    ) -> Result<IceAnswer, IceRefusal> {
        self.shared.egress.update_ice(session, viewer, participant, update).await
    }

    /// Ends a viewer session; false if this participant has no such one.
    pub async fn leave(&self, session: SessionId, viewer: ViewerId, participant: ParticipantId) -> bool {
        self.shared.egress.leave(session, viewer, participant).await
    }

    /// Whether this participant has such a viewer session.
    pub fn has_viewer(&self, session: SessionId, viewer: ViewerId, participant: ParticipantId) -> bool {
        self.shared.board.find(session, viewer).is_some_and(|seat| seat.participant == participant)
    }

    /// Sets the best layer that a participant may have from now on: who has a better one loses it at once, who may
    /// have more gets it where their network and their wish allow.
    pub async fn set_best(&self, session: SessionId, participant: ParticipantId, best: Layer) {
        self.shared.egress.set_best(session, participant, best).await;
    }

    /// Who has a viewer session, and the best layer that each may have; those who are just joining too.
    pub fn watching(&self, session: SessionId) -> Vec<(ParticipantId, Layer)> {
        self.shared.board.watching(session)
    }

    /// Takes what requests at other servers bring.
    pub(crate) fn puller(&self) -> mpsc::Sender<ingest::Pulled> {
        self.shared.puller.clone()
    }

    /// Ends a session's publisher; its viewers stay, and wait.
    pub(crate) fn end_push(&self, session: SessionId) {
        self.command(ingest::Command::EndSession(session));
    }

    /// Ends every publisher and viewer of a session.
    pub fn end_session(&self, session: SessionId) {
        let egress = self.shared.egress.clone();
        self.directors().remove(&session);
        self.command(ingest::Command::EndSession(session));
        self.shared.tasks.spawn(async move { egress.end_session(session).await });
    }

    /// Ends every viewer session of a participant.
    pub fn end_participant(&self, participant: ParticipantId) {
        let egress = self.shared.egress.clone();
        self.shared.tasks.spawn(async move { egress.end_participant(participant).await });
    }

    /// Whether the publisher can be asked for an IDR (its uplink is open).
    pub fn set_keyframes_on_request(&self, session: SessionId, on_request: bool) {
        self.note_director(session, |director| director.on_request = on_request);
        self.command(ingest::Command::KeyframesOnRequest(session, on_request));
    }

    /// How far the clock that stamps a session's pictures is ahead of this machine's, in µs; `None`: not known.
    pub fn set_director_ahead(&self, session: SessionId, ahead_us: Option<i64>) {
        self.note_director(session, |director| director.ahead_us = ahead_us);
        self.command(ingest::Command::DirectorAhead(session, ahead_us));
    }

    /// As it was set.
    pub(crate) fn keyframes_on_request(&self, session: SessionId) -> bool {
        self.directors().get(&session).is_some_and(|director| director.on_request)
    }

    /// As it was set.
    pub(crate) fn director_ahead(&self, session: SessionId) -> Option<i64> {
        self.directors().get(&session)?.ahead_us
    }

    fn note_director(&self, session: SessionId, note: impl FnOnce(&mut Director)) {
        let mut directors = self.directors();
        let director = directors.entry(session).or_default();
        note(director);
        if !director.on_request && director.ahead_us.is_none() {
            directors.remove(&session);
        }
    }

    fn directors(&self) -> MutexGuard<'_, HashMap<SessionId, Director>> {
        self.shared.directors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn command(&self, command: ingest::Command) {
        let ingest = self.shared.ingest.clone();
        // Fails only after `shutdown`, when there is nothing left to command. Commands of one caller that follow
        // each other closely keep their order only through the channel, so the first try is without a task.
        if let Err(mpsc::error::TrySendError::Full(command)) = ingest.try_send(command) {
            self.shared.tasks.spawn(async move {
                let _ = ingest.send(command).await;
            });
        }
    }

    /// Ends everything: goodbye to publishers and viewers, then the ports are free.
    pub async fn shutdown(self) {
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
        self.shared.stop.cancel();
        let running = self.shared.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running
            && let Err(error) = running.await
        {
            tracing::error!(%error, "the ingest did not end well");
        }
        self.shared.egress.shutdown().await;
    }
}

fn srt_socket(address: SocketAddr) -> std::io::Result<UdpSocket> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    // The kernel gives what it may; less costs only under bursts.
    let _ = socket.set_recv_buffer_size(SRT_RECEIVE_BUFFER);
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}
