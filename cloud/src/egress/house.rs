//! The viewers of one shard and the sessions they watch. Nobody else touches them, so nothing here locks.
//!
//! No socket and no waiting: what is to be sent stands in the batch. A viewer whose connection panics is taken
//! out; the others do not notice.

mod begin;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::{Layer, SessionId, ViewerId};
use returnfeed_simulcast::Present;
use tokio::sync::{broadcast, mpsc};

use super::batch::Batch;
use super::command::Command;
use super::fan_out::Fed;
use super::identity::Identity;
use super::peer::PeerEvent;
use super::room::Room;
use super::socket::{Path, Transport};
use super::viewer::{Switched, Viewer};
use super::viewers::Viewers;
use crate::ingest::{Content, Frame};
use crate::media::board::{Board, Seat};
use crate::media::{IceAnswer, IceRefusal, IceUpdate, MediaEvent};
use crate::metrics::{STRAY_DATAGRAMS, UNFINISHED_HANDSHAKES};

/// A shard's viewers.
pub(super) struct House {
    address: SocketAddr,
    public: Vec<IpAddr>,
    /// How long a viewer may take to connect.
    handshake: Duration,
    candidates: Vec<SocketAddr>,
    identity: Identity,
    board: Arc<Board>,
    events: broadcast::Sender<MediaEvent>,
    wanted: mpsc::Sender<(SessionId, Layer)>,
    rooms: HashMap<SessionId, Room>,
    viewers: Viewers,
    /// What is to be sent.
    pub(super) batch: Batch,
    happened: Vec<(ViewerId, PeerEvent)>,
    turn: usize,
}

impl House {
    /// A house without viewers, behind a socket of this address. `wanted` takes the keyframes waited for.
    pub(super) fn new(
        address: SocketAddr,
        public: Vec<IpAddr>,
        handshake: Duration,
        identity: Identity,
        board: Arc<Board>,
        events: broadcast::Sender<MediaEvent>,
        wanted: mpsc::Sender<(SessionId, Layer)>,
    ) -> Self {
        Self {
            address,
            public,
            handshake,
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
        }
    }

    /// When to call [`Self::wake`].
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.viewers.deadline()
    }

    /// Takes what the ingest feeds; which layer went out and when it arrived, if any did.
    pub(super) fn fed(&mut self, fed: Fed) -> Option<(Layer, Instant)> {
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
                let sent = viewer.peer.is_ready() && viewer.send(frame, after_gap, hold_at_gap, now);
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
            self.with(id, |viewer, now| {
                viewer.retarget(present, now);
                viewer.lost(&gone);
            });
            self.want_for(id);
        }
    }

    /// Does what the control plane asks.
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Join { viewer, seat, wanted, quality, offer, reply } => {
                // The one who asked may have gone meanwhile; the viewer then times out.
                let _ = reply.send(self.join(viewer, seat, wanted, quality, &offer));
            }
            Command::Select { viewer, layer } => {
                let present = self.present_for(viewer);
                self.with(viewer, |viewer, now| {
                    viewer.wanted = layer;
                    viewer.retarget(present, now);
                });
                self.want_for(viewer);
            }
            Command::Ice { viewer, update, reply } => {
                // As above.
                let _ = reply.send(self.update_ice(viewer, &update));
            }
            Command::Leave { viewer, done } => {
                self.remove(viewer, "left");
                let _ = done.send(());
            }
            Command::SetBest { viewer, best } => {
                self.with(viewer, |viewer, now| viewer.set_best(best, now));
                self.want_for(viewer);
            }
            Command::Quality { session, reply } => {
                let (here, now) = (self.viewers.of_session(session), Instant::now());
                let quality = |id| self.viewers.get(id).map(|viewer| viewer.quality(id, now));
                // The one who asked may have gone meanwhile.
                let _ = reply.send(here.into_iter().filter_map(quality).collect());
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

    fn update_ice(&mut self, id: ViewerId, update: &IceUpdate) -> Result<IceAnswer, IceRefusal> {
        let answer = self.with(id, |viewer, _| viewer.peer.update_ice(update)).ok_or(IceRefusal::NotFound)?;
        self.viewers.note_fragment(id);
        answer
    }

    /// Gives a datagram to whose it is.
    pub(super) fn datagram(&mut self, path: Path, data: &[u8], now: Instant) {
        let Some(id) = self.viewers.whose(path, data) else { return STRAY_DATAGRAMS.add(1) };
        let to = self.destination(path.local);
        let viewers = &mut self.viewers;
        match catch_unwind(AssertUnwindSafe(|| viewers.handle_datagram(id, path, to, data, now))) {
            Ok(true) => {
                self.with(id, |_, _| {});
            }
            Ok(false) => STRAY_DATAGRAMS.add(1),
            Err(_) => {
                tracing::error!(viewer = %id, "a datagram broke a viewer's connection");
                self.remove(id, "its connection broke");
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

    /// Lets time pass for those who asked for it.
    pub(super) fn wake(&mut self, now: Instant) {
        for id in self.viewers.due(now) {
            self.with(id, |viewer, now| viewer.peer.handle_timeout(now));
        }
    }

    /// Looks for silent viewers, and asks again for those who wait.
    pub(super) fn look_around(&mut self, now: Instant) {
        for id in self.viewers.silent(now) {
            self.remove(id, "nothing was heard of it");
        }
        for id in self.viewers.unfinished(now, self.handshake) {
            UNFINISHED_HANDSHAKES.add(1);
            self.remove(id, "it never connected");
        }
        for id in self.viewers.ids(|viewer| viewer.seat.until <= now) {
            self.remove(id, "its token has expired");
        }
        for id in self.viewers.ids(|viewer| viewer.peer.is_ready()) {
            self.want_for(id);
        }
    }

    /// Does what the viewers' own words ask for.
    pub(super) fn settle(&mut self) {
        while let Some((id, event)) = self.happened.pop() {
            match event {
                PeerEvent::Ready => {
                    self.board.set_finished(id);
                    self.prime(id);
                }
                PeerEvent::KeyframeWanted => self.want(id, |viewer| viewer.peer.video_stream.flowing()),
                PeerEvent::Report(report) => {
                    self.with(id, |viewer, now| viewer.handle_report(&report, now));
                    self.want_for(id);
                }
                PeerEvent::Gone => self.remove(id, "its connection ended"),
            }
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
            let route = viewer.path_to(Transport::Udp, self.address);
            let transmit = |transport, remote, contents: &[u8]| {
                batch.push(Path { remote, transport, ..route }, contents);
            };
            viewer.peer.drain(now, transmit, &mut events);
            happened.extend(events.into_iter().map(|event| (id, event)));
            let switched = viewer.take_switched().map(|switched| (viewer.seat, switched));
            (result, switched, viewer.peer.deadline())
        }));
        match changed {
            Ok((result, switched, deadline)) => {
                self.viewers.note_deadline(id, deadline);
                if let Some((Seat { session, participant, .. }, Switched { from, to, reason })) = switched {
                    self.board.set_given(id, to, reason);
                    self.tell(MediaEvent::LayerSwitched {
                        session,
                        viewer: id,
                        participant,
                        from,
                        to,
                        reason,
                    });
                }
                Some(result)
            }
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

    /// Says goodbye to everybody.
    pub(super) fn stop(&mut self) {
        for id in self.viewers.ids(|_| true) {
            self.remove(id, "the server is stopping");
        }
    }
}
