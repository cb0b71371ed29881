//! One thread, its socket and its viewers: nobody else touches them, so nothing here locks.
//!
//! The loop has no decisions in it: take what is there, one mutation, drain, send, again. A viewer whose
//! connection panics is taken out; the others do not notice.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket as StdSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, SessionId, ViewerId};
use returnfeed_simulcast::Present;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::batch::Batch;
use super::fan_out::Fed;
use super::peer::{Identity, Peer, PeerEvent};
use super::room::{Room, offered};
use super::socket::{Path, Socket};
use super::viewers::{Happened, Viewer, Viewers};
use super::{Command, addresses};
use crate::ingest::{Content, Frame};
use crate::media::board::{Board, Seat};
use crate::media::{JoinRefusal, MediaEvent};
use crate::stage;

/// How often silent viewers are looked for and waiting ones remembered.
const TICK: Duration = Duration::from_millis(500);
/// Batches of datagrams taken in one turn, before frames have theirs.
const TURN: usize = 8;

/// What a shard is made of.
pub(super) struct Parts {
    pub(super) socket: StdSocket,
    pub(super) public: Vec<IpAddr>,
    pub(super) identity: Identity,
    pub(super) board: Arc<Board>,
    pub(super) events: broadcast::Sender<MediaEvent>,
    pub(super) wanted: mpsc::Sender<(SessionId, Layer)>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) frames: mpsc::Receiver<Fed>,
    pub(super) stop: CancellationToken,
}

/// Runs a shard on this thread until it is stopped.
pub(super) fn run(parts: Parts) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve(parts)),
        Err(error) => tracing::error!(%error, "a shard could not start"),
    }
}

async fn serve(parts: Parts) {
    let Parts { socket, public, identity, board, events, wanted, mut commands, mut frames, stop } = parts;
    let mut socket = match Socket::new(socket) {
        Ok(socket) => socket,
        Err(error) => return tracing::error!(%error, "the WebRTC socket cannot be used"),
    };
    let mut shard = Shard {
        address: socket.local(),
        public,
        candidates: Vec::new(),
        identity,
        board,
        events,
        wanted,
        rooms: HashMap::new(),
        viewers: Viewers::default(),
        batch: Batch::default(),
        happened: Vec::new(),
        turn: 0,
    };
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let deadline = shard.viewers.deadline().map(tokio::time::Instant::from_std);
        let sleep = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let mut sent_frame = None;
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(fed) = frames.recv() => sent_frame = shard.fed(fed),
            Some(command) = commands.recv() => shard.command(command),
            readable = socket.readable() => match readable {
                Ok(()) => shard.receive(&mut socket),
                Err(error) => tracing::warn!(%error, "the WebRTC socket cannot be read"),
            },
            () = sleep => shard.wake(Instant::now()),
            _ = tick.tick() => shard.look_around(Instant::now()),
        }
        shard.settle();
        if !shard.batch.is_empty() {
            shard.batch.flush(&socket).await;
        }
        if let Some((layer, arrived)) = sent_frame {
            stage::record_for(stage::Stage::Cloud, layer, Instant::now().saturating_duration_since(arrived));
        }
    }
    shard.stop();
    shard.batch.flush(&socket).await;
}

struct Shard {
    address: SocketAddr,
    public: Vec<IpAddr>,
    candidates: Vec<SocketAddr>,
    identity: Identity,
    board: Arc<Board>,
    events: broadcast::Sender<MediaEvent>,
    wanted: mpsc::Sender<(SessionId, Layer)>,
    rooms: HashMap<SessionId, Room>,
    viewers: Viewers,
    batch: Batch,
    happened: Vec<Happened>,
    turn: usize,
}

impl Shard {
    fn fed(&mut self, fed: Fed) -> Option<(Layer, Instant)> {
        match fed {
            Fed::Frame { frame, after_gap } => self.frame(&frame, after_gap),
            Fed::Room { session, present, keyframes_on_request } => {
                self.room(session, present, keyframes_on_request);
                None
            }
        }
    }

    /// Sends a frame to everybody of its session; when it arrived, if it went to anybody.
    fn frame(&mut self, frame: &Arc<Frame>, after_gap: bool) -> Option<(Layer, Instant)> {
        let room = self.rooms.get_mut(&frame.session)?;
        if let Content::Video { keyframe, .. } = frame.content {
            room.keep(frame, keyframe, after_gap);
        }
        let hold_at_gap = room.keyframes_on_request;
        let mut ids = std::mem::take(&mut room.viewers);
        // Somebody is last; not always the same one.
        self.turn = self.turn.wrapping_add(1);
        if !ids.is_empty() {
            let first = self.turn % ids.len();
            ids.rotate_left(first);
        }
        let mut went = false;
        for id in &ids {
            let sent = self.with(*id, |viewer, now| {
                let sent = viewer.peer.is_ready() && send(viewer, frame, after_gap, hold_at_gap);
                if sent {
                    viewer.peer.handle_timeout(now);
                }
                sent
            });
            went |= sent.unwrap_or(false);
        }
        ids.retain(|id| self.viewers.has(*id));
        if let Some(room) = self.rooms.get_mut(&frame.session) {
            room.viewers = ids;
        }
        let is_video = matches!(frame.content, Content::Video { .. });
        (went && is_video).then_some((frame.layer, frame.arrived))
    }

    fn room(&mut self, session: SessionId, present: Present, keyframes_on_request: bool) {
        let room = self.rooms.entry(session).or_default();
        let gone = room.set(present, keyframes_on_request);
        let ids = room.viewers.clone();
        if room.is_idle() {
            self.rooms.remove(&session);
        }
        for id in ids {
            self.with(id, |viewer, _| {
                viewer.retarget(present);
                // What comes back is another stream, whatever its pictures say.
                if viewer.peer.video_stream.flowing().is_some_and(|layer| gone.contains(&layer)) {
                    viewer.peer.video_stream.hold();
                }
            });
            self.want_for(id);
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Join { viewer, seat, wanted, offer, reply } => {
                // The one who asked may have gone meanwhile; the viewer then times out.
                let _ = reply.send(self.join(viewer, seat, wanted, &offer));
            }
            Command::Select { viewer, layer } => {
                let present = self.present_for(viewer);
                self.with(viewer, |viewer, _| {
                    viewer.wanted = layer;
                    viewer.retarget(present);
                });
                self.want_for(viewer);
            }
            Command::Leave { viewer, done } => {
                self.remove(viewer, "left");
                let _ = done.send(());
            }
            Command::EndSession { session } => {
                for id in self.viewers.of_session(session) {
                    self.remove(id, "the session has ended");
                }
            }
            Command::EndParticipant { participant } => {
                for id in self.viewers.of_participant(participant) {
                    self.remove(id, "removed");
                }
            }
        }
    }

    fn join(&mut self, id: ViewerId, seat: Seat, wanted: Layer, offer: &str) -> Result<String, JoinRefusal> {
        let now = Instant::now();
        let port = self.address.port();
        let local = addresses(&self.public, self.address.ip());
        self.candidates = local.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        let answered = catch_unwind(AssertUnwindSafe(|| {
            Peer::answer(offer, &self.identity, &self.candidates, wanted, now)
        }));
        let (peer, answer) =
            answered.unwrap_or_else(|_| Err(JoinRefusal::SdpInvalid("it cannot be read".to_owned())))?;
        let mut viewer = Viewer::new(peer, seat, wanted, now);
        let room = self.rooms.entry(seat.session).or_default();
        room.viewers.push(id);
        viewer.retarget(self.board.present(seat.session));
        self.viewers.insert(id, viewer);
        self.tell(MediaEvent::ViewerJoined {
            session: seat.session,
            viewer: id,
            participant: seat.participant,
        });
        self.with(id, |_, _| {});
        Ok(answer)
    }

    fn receive(&mut self, socket: &mut Socket) {
        for _ in 0..TURN {
            let now = Instant::now();
            let more = socket.receive(|path, data| self.datagram(path, data, now));
            match more {
                Ok(true) => {}
                Ok(false) => return,
                // A closed port of a viewer that left (ICMP): theirs alone.
                Err(error) => return tracing::debug!(%error, "a WebRTC peer is gone"),
            }
        }
    }

    fn datagram(&mut self, path: Path, data: &[u8], now: Instant) {
        let to = self.destination(path.local);
        let viewers = &mut self.viewers;
        let whose = catch_unwind(AssertUnwindSafe(|| viewers.handle_datagram(path, to, data, now)));
        match whose {
            Ok(Some(id)) => {
                self.with(id, |_, _| {});
            }
            Ok(None) => metrics::counter!("egress_stray_datagrams_total").increment(1),
            Err(_) => {
                tracing::error!("a viewer's datagram broke its connection");
                for id in self.viewers.ids(|viewer| viewer.heard == now) {
                    self.remove(id, "its connection broke");
                }
            }
        }
    }

    /// The candidate that a datagram was sent to: the address itself, or, behind an address translation, the
    /// first one we name.
    fn destination(&self, local: Option<IpAddr>) -> SocketAddr {
        let called = local.map(|ip| SocketAddr::new(ip, self.address.port()));
        let known = called.filter(|address| self.candidates.contains(address));
        known.or_else(|| self.candidates.first().copied()).unwrap_or(self.address)
    }

    fn wake(&mut self, now: Instant) {
        let due = self.viewers.ids(|viewer| viewer.peer.deadline() <= now);
        for id in due {
            self.with(id, |viewer, now| viewer.peer.handle_timeout(now));
        }
    }

    fn look_around(&mut self, now: Instant) {
        for id in self.viewers.silent(now) {
            self.remove(id, "nothing was heard of it");
        }
        for id in self.viewers.ids(|viewer| viewer.peer.is_ready()) {
            self.want_for(id);
        }
    }

    /// Does what the viewers' own words ask for.
    fn settle(&mut self) {
        while let Some((id, event)) = self.happened.pop() {
            match event {
                PeerEvent::Ready => self.prime(id),
                PeerEvent::KeyframeWanted => self.want(id, |viewer| viewer.peer.video_stream.flowing()),
                PeerEvent::Gone => self.remove(id, "its connection ended"),
            }
        }
    }

    /// Gives a joiner the picture there is.
    fn prime(&mut self, id: ViewerId) {
        let present = self.present_for(id);
        let Some(session) = self.viewers.get(id).map(|viewer| viewer.seat.session) else { return };
        let Some(room) = self.rooms.get(&session) else { return };
        let hold_at_gap = room.keyframes_on_request;
        let replays = Layer::ALL.map(|layer| (layer, room.replay(layer)));
        self.with(id, |viewer, now| {
            viewer.retarget(present);
            let target = viewer.peer.video_stream.target();
            let Some((_, (kept, complete))) = replays.iter().find(|(layer, _)| *layer == target) else {
                return;
            };
            for kept in kept {
                send(viewer, &kept.frame, kept.after_gap, hold_at_gap);
            }
            if !complete && !kept.is_empty() {
                viewer.peer.video_stream.hold();
            }
            viewer.peer.handle_timeout(now);
        });
        self.want_for(id);
    }

    /// Asks for the keyframe that a viewer waits for, if it waits.
    fn want_for(&mut self, id: ViewerId) {
        self.want(id, |viewer| viewer.peer.video_stream.waits_for());
    }

    fn want(&mut self, id: ViewerId, layer: impl Fn(&Viewer) -> Option<Layer>) {
        let Some(viewer) = self.viewers.get(id) else { return };
        if let Some(layer) = layer(viewer) {
            // Full: others ask already, and who still waits asks again at the next tick.
            let _ = self.wanted.try_send((viewer.seat.session, layer));
        }
    }

    /// One mutation of one viewer, and its drain.
    fn with<T>(&mut self, id: ViewerId, change: impl FnOnce(&mut Viewer, Instant) -> T) -> Option<T> {
        let viewer = self.viewers.get_mut(id)?;
        let batch = &mut self.batch;
        let happened = &mut self.happened;
        let now = Instant::now();
        let changed = catch_unwind(AssertUnwindSafe(|| {
            let result = change(viewer, now);
            let mut events = Vec::new();
            let route = viewer.path_to(self.address);
            let transmit = |remote, contents| batch.push(Path { remote, ..route }, contents);
            viewer.peer.drain(now, transmit, &mut events);
            happened.extend(events.into_iter().map(|event| (id, event)));
            result
        }));
        match changed {
            Ok(result) => Some(result),
            Err(_) => {
                tracing::error!(viewer = %id, "a viewer's connection broke");
                self.remove_broken(id);
                None
            }
        }
    }

    /// What arrives of the viewer's session.
    fn present_for(&self, id: ViewerId) -> Present {
        self.viewers.get(id).map(|viewer| self.board.present(viewer.seat.session)).unwrap_or_default()
    }

    fn remove(&mut self, id: ViewerId, why: &'static str) {
        if !self.viewers.has(id) {
            return;
        }
        tracing::info!(viewer = %id, why, "a viewer session ended");
        self.with(id, |viewer, _| viewer.peer.close());
        self.remove_broken(id);
    }

    /// Takes a viewer out without another word to it.
    fn remove_broken(&mut self, id: ViewerId) {
        let Some(viewer) = self.viewers.remove(id) else { return };
        let Seat { session, participant, .. } = viewer.seat;
        if let Some(room) = self.rooms.get_mut(&session) {
            room.viewers.retain(|of| *of != id);
            if room.is_idle() {
                self.rooms.remove(&session);
            }
        }
        self.board.unseat(id);
        self.tell(MediaEvent::ViewerLeft { session, viewer: id, participant });
    }

    fn tell(&self, event: MediaEvent) {
        // Nobody listens: nobody needs to know.
        let _ = self.events.send(event);
    }

    fn stop(&mut self) {
        for id in self.viewers.ids(|_| true) {
            self.remove(id, "the server is stopping");
        }
    }
}

/// Queues a frame for a viewer if its stream takes it.
fn send(viewer: &mut Viewer, frame: &Frame, after_gap: bool, hold_at_gap: bool) -> bool {
    match offered(frame, after_gap) {
        Some((unit, keyframe)) => {
            let Some(sent) = viewer.peer.video_stream.offer(&unit, hold_at_gap) else { return false };
            if let Some(switch) = sent.switched {
                viewer.count(switch);
            }
            viewer.peer.send_video(frame, &sent, keyframe);
            true
        }
        None if viewer.peer.has_audio() => {
            let sent = viewer.peer.audio_stream.send(frame.pts, frame.at);
            viewer.peer.send_audio(frame, sent);
            true
        }
        None => false,
    }
}
