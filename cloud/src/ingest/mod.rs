//! The SRT port: publishers in, frames out.
//!
//! The loop refuses to wait for anything but the network: admission is asked beside it, a full shard drops.
//! Invariant: a frame leaves here under the session of the stream id whose passphrase its connection proved.

mod door;
mod frame;
mod keyframes;
mod layers;
mod meter;
mod path;
mod probes;
mod publishers;
mod refusal;
mod requests;
mod source;
mod stream;
mod telling;
mod timeline;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_media::DemuxProblem;
use returnfeed_protocol::{Layer, SessionId, StreamId, StreamRequest};
use returnfeed_srt::{
    CloseReason, ConnectionId, ConnectionStats, Listener, ListenerConfig, ListenerEvent, Seed,
};
use tokio::net::UdpSocket;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

pub(crate) use frame::{Content, Frame};
pub(crate) use source::{Brought, PullId, Pulled};

use crate::egress::FanOut;
use crate::media::board::Board;
use crate::media::push::Push;
use crate::media::{Admission, AdmissionRefusal, Admitted, MediaEvent};
use crate::random;
use keyframes::Keyframes;
use layers::Layers;
use meter::Meter;
use path::Path;
use probes::Probes;
use publishers::Publishers;
use requests::Requests;
use source::Source;
use stream::{Arrival, Now, Stream};

/// How often silence is looked for, and each path whose look is due.
const TICK: Duration = Duration::from_millis(250);
/// Datagrams taken in one turn, before timers and commands have theirs.
const TURN: usize = 256;

/// What the rest of the server asks of the ingest.
#[derive(Debug)]
pub(crate) enum Command {
    /// Close a session's publisher.
    EndSession(SessionId),
    /// Whether the publisher can be asked for keyframes.
    KeyframesOnRequest(SessionId, bool),
    /// How far the publisher's clock is ahead of ours, in µs.
    DirectorAhead(SessionId, Option<i64>),
}

/// What the ingest is given.
pub(crate) struct Parts {
    pub(crate) socket: UdpSocket,
    pub(crate) admission: Arc<dyn Admission>,
    pub(crate) board: Arc<Board>,
    pub(crate) events: broadcast::Sender<MediaEvent>,
    pub(crate) fan_out: FanOut,
    pub(crate) commands: mpsc::Receiver<Command>,
    /// A viewer waits for a keyframe of this layer.
    pub(crate) wants: mpsc::Receiver<(SessionId, Layer)>,
    /// What our requests at other servers bring.
    pub(crate) pulled: mpsc::Receiver<Pulled>,
}

/// What somebody asks for admission to do.
enum Wish {
    Push(StreamId),
    Measure(SessionId),
}

/// Who asked for admission, and the answer.
type Asked = (ConnectionId, Wish, Result<Admitted, AdmissionRefusal>);

struct Ingest {
    parts: Parts,
    listener: Listener,
    asked: HashMap<ConnectionId, StreamId>,
    streams: HashMap<Source, Open>,
    requests: Requests,
    probes: Probes,
    publishers: Publishers,
    layers: Layers,
    meter: Meter,
    keyframes: Keyframes,
    directors_ahead: HashMap<SessionId, i64>,
    admissions: JoinSet<Asked>,
}

struct Open {
    id: StreamId,
    stream: Stream,
    path: Path,
    /// Of a request of ours, as it was told last.
    pulled: ConnectionStats,
    /// What the pictures go on without, told once they are there.
    shortcomings: Vec<DemuxProblem>,
}

/// Runs the SRT port until `stop`.
pub(crate) async fn run(parts: Parts, stop: CancellationToken) {
    let listener = Listener::new(ListenerConfig::default(), &Seed::from(random::bytes()), Instant::now());
    let mut ingest = Ingest {
        parts,
        listener,
        asked: HashMap::new(),
        streams: HashMap::new(),
        requests: Requests::default(),
        probes: Probes::default(),
        publishers: Publishers::default(),
        layers: Layers::default(),
        meter: Meter::default(),
        keyframes: Keyframes::default(),
        directors_ahead: HashMap::new(),
        admissions: JoinSet::new(),
    };
    let mut buffer = vec![0; 2048];
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let timeout = ingest.listener.poll_timeout().map(|(at, _)| tokio::time::Instant::from_std(at));
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            readable = ingest.parts.socket.readable() => match readable {
                Ok(()) => ingest.receive(&mut buffer),
                Err(error) => warn!(%error, "the SRT socket cannot be read"),
            },
            () = at(timeout) => ingest.listener.handle_timeout(Instant::now()),
            Some(decided) = ingest.admissions.join_next() => ingest.decided(decided),
            Some((session, layer)) = ingest.parts.wants.recv() => {
                ingest.keyframes.want(session, layer, Instant::now());
            }
            Some(pulled) = ingest.parts.pulled.recv() => ingest.pulled(pulled),
            Some(command) = ingest.parts.commands.recv() => ingest.command(&command),
            _ = tick.tick() => ingest.look_around(),
        }
        ingest.settle();
    }
    ingest.stop();
}

async fn at(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

impl Ingest {
    fn receive(&mut self, buffer: &mut [u8]) {
        for _ in 0..TURN {
            match self.parts.socket.try_recv_from(buffer) {
                Ok((len, from)) => {
                    let data = buffer.get(..len).unwrap_or_default();
                    self.listener.handle_datagram(from, data, Instant::now());
                    // At once and not after the turn: a frame's first message does not wait for the others.
                    self.settle();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // A closed port of somebody we answered (ICMP): theirs alone.
                Err(error) => debug!(%error, "an SRT peer is gone"),
            }
        }
    }

    /// Does what the last input brought about: answers out, events handled, keyframes asked for.
    fn settle(&mut self) {
        loop {
            let Some(event) = self.listener.poll_event() else { break };
            self.handle(event);
        }
        while let Some(transmit) = self.listener.poll_transmit() {
            // A full socket buffer loses the datagram, which SRT repeats.
            if let Err(error) = self.parts.socket.try_send_to(&transmit.data, transmit.to) {
                debug!(%error, "an SRT answer was not sent");
            }
        }
        for (session, layer) in self.keyframes.poll_requests(Instant::now()) {
            self.tell(MediaEvent::KeyframeWanted { session, layer });
        }
    }

    fn handle(&mut self, event: ListenerEvent) {
        match event {
            ListenerEvent::Asked { connection, peer, stream_id } => self.asked(connection, peer, &stream_id),
            ListenerEvent::Connected { connection, latency } => self.connected(connection, latency),
            ListenerEvent::Message { connection, data } => {
                if !self.probe_message(connection, data.len()) {
                    self.message(Source::Call(connection), &data);
                }
            }
            ListenerEvent::Lost { connection, .. } => self.lost(Source::Call(connection)),
            ListenerEvent::Closed { connection, reason } => self.closed(connection, reason),
        }
    }

    /// Says goodbye to one who pushes; a request of ours ends where it was made.
    fn close(&mut self, source: Source) {
        if let Source::Call(connection) = source {
            self.listener.close(connection, Instant::now());
        }
    }

    fn message(&mut self, connection: Source, data: &[u8]) {
        let now = Now::read();
        let Some(open) = self.streams.get(&connection) else { return };
        let request = StreamRequest { session: open.id.session, layer: open.id.layer };
        if matches!(connection, Source::Call(_)) {
            self.hand_on(request, data);
        }
        let Some(open) = self.streams.get_mut(&connection) else { return };
        let mut arrivals = Vec::new();
        let ahead_us = self.directors_ahead.get(&open.id.session).copied().unwrap_or(0);
        open.stream.handle_message(data, now, ahead_us, |arrival| arrivals.push(arrival));
        let id = open.id.clone();
        for arrival in arrivals {
            match arrival {
                Arrival::Frame(frame) => self.frame(frame),
                Arrival::Unusable(problem) => self.unusable(connection, &id, problem),
            }
        }
        self.tell_shortcomings(connection);
    }

    fn lost(&mut self, connection: Source) {
        if let Some(open) = self.streams.get_mut(&connection) {
            open.stream.handle_loss();
        }
    }

    fn frame(&mut self, frame: Frame) {
        let (session, layer) = (frame.session, frame.layer);
        if let Content::Video { keyframe, .. } = frame.content {
            if keyframe {
                self.keyframes.arrived(session, layer);
            }
            if self.layers.heard(session, layer, frame.arrived) {
                self.present(session, layer, true);
            }
        } else if !self.layers.sound_goes(session, layer, frame.arrived) {
            return;
        }
        if let Some(rate) = self.meter.count(session, layer, frame.bytes, frame.arrived) {
            self.parts.board.set_rate(session, layer, rate);
        }
        self.parts.fan_out.deliver(frame);
    }

    fn closed(&mut self, connection: ConnectionId, reason: CloseReason) {
        if let Some(StreamRequest { session, layer }) = self.requests.leave(connection) {
            return info!(%session, %layer, %reason, "another server is sent the picture no more");
        }
        if self.probe_closed(connection) {
            return debug!(%reason, "a probe ended");
        }
        if let Some(id) = self.asked.remove(&connection) {
            info!(session = %id.session, %reason, "an SRT caller was refused");
            if let Some((status, code)) = refusal::handshake_code(reason) {
                self.refused(&id, status, code, "The push was refused".to_owned(), reason.to_string());
            }
            return;
        }
        let source = Source::Call(connection);
        if let Some(open) = self.streams.get(&source) {
            info!(session = %open.id.session, layer = %open.id.layer, %reason, "a push ended");
        }
        self.forget(source);
    }

    fn forget(&mut self, connection: Source) {
        let Some(Open { id, .. }) = self.streams.remove(&connection) else { return };
        self.publishers.leave(&id, connection);
        self.parts.board.set_push(id.session, id.layer, None);
        if self.layers.lost(id.session, id.layer) {
            self.present(id.session, id.layer, false);
        }
    }

    fn command(&mut self, command: &Command) {
        match *command {
            Command::EndSession(session) => {
                for source in self.publishers.end(session) {
                    self.close(source);
                    self.forget(source);
                }
                self.end_probe(session);
                for connection in self.requests.end(session) {
                    self.listener.close(connection, Instant::now());
                }
                self.keyframes.forget(session);
                self.directors_ahead.remove(&session);
            }
            Command::KeyframesOnRequest(session, on_request) => {
                self.keyframes.set_on_request(session, on_request);
                let present = self.parts.board.present(session);
                self.parts.fan_out.room(session, present, on_request);
            }
            Command::DirectorAhead(session, Some(ahead_us)) => {
                self.directors_ahead.insert(session, ahead_us);
            }
            Command::DirectorAhead(session, None) => {
                self.directors_ahead.remove(&session);
            }
        }
    }

    /// Tells the board how each push goes, looks at the paths whose look is due, and looks for silence.
    fn look_around(&mut self) {
        let now = Instant::now();
        self.end_old_probes(now);
        let mut reports = Vec::new();
        for (source, Open { id, stream, path, pulled, .. }) in &mut self.streams {
            let stats = match source {
                Source::Call(connection) => self.listener.stats(*connection),
                Source::Pull(_) => Some(*pulled),
            };
            if let Some(stats) = stats {
                let push = Push { key: id.key, arrived: stream.arrived(), stats, delay: stream.take_delay() };
                self.parts.board.set_push(id.session, id.layer, Some(push));
                reports.extend(path.look(stats, now).map(|report| (id.session, id.layer, report)));
            }
        }
        for (session, layer, report) in reports {
            self.tell_path(session, layer, &report);
        }
        for (session, layer) in self.layers.silent(now) {
            self.present(session, layer, false);
        }
    }

    /// Says goodbye to every publisher.
    fn stop(mut self) {
        for source in std::mem::take(&mut self.streams).into_keys() {
            self.close(source);
        }
        self.settle();
    }
}
