//! The receiving end: every publisher of a server on one UDP port.
//!
//! A caller that passed the handshake's cookie is announced as `Asked` and answered by [`Listener::accept`] or
//! [`Listener::refuse`] whenever the application knows, up to five seconds later: nothing here waits for it.

mod connection;
mod door;
mod events;
mod timers;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use secrecy::SecretString;

use crate::allowance::Allowance;
use crate::cookie::Cookies;
use crate::crypto::{Decryptor, KeyError};
use crate::link::Link;
use crate::packet::extension::{self, Agreement, HAS_HS, HAS_KM};
use crate::packet::{Control, Handshake, Packet};
use crate::random::{Random, Seed};
use crate::recv::{Delivery, Outcome, Receiver};
use crate::{ConfigError, ConnectionStats, ListenerConfig, Reason, Refusal, Transmit, config, reject};

use connection::Connection;
use door::{Knock, Question};
pub use events::{CloseReason, ConnectionId, ListenerEvent};
use timers::Timers;

/// The application decides about a caller in this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Somebody with a socket id of ours.
struct Guest {
    id: ConnectionId,
    stage: Stage,
}

enum Stage {
    /// Waits for the application.
    Asked { peer: SocketAddr, question: Question, until: Instant },
    /// Pushes.
    Open(Box<Connection>),
}

/// Every publisher on one port.
pub struct Listener {
    config: ListenerConfig,
    random: Random,
    cookies: Cookies,
    /// By our socket id.
    guests: HashMap<u32, Guest>,
    /// Our socket id, by theirs.
    callers: HashMap<(SocketAddr, u32), u32>,
    serial: u32,
    timers: Timers,
    outcome: Outcome,
    transmits: VecDeque<Transmit>,
    events: VecDeque<ListenerEvent>,
    /// Questions of one address.
    questions: Allowance<IpAddr>,
    /// Refusals of one address for one stream id.
    refusals: Allowance<(IpAddr, String)>,
    ignored: u64,
    malformed: u64,
}

impl Listener {
    /// A listener without connections.
    pub fn new(config: ListenerConfig, seed: &Seed, now: Instant) -> Self {
        let mut random = Random::new(seed);
        Self {
            config,
            cookies: Cookies::new(&mut random, now),
            random,
            guests: HashMap::new(),
            callers: HashMap::new(),
            serial: 0,
            timers: Timers::default(),
            outcome: Outcome::default(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            questions: Allowance::new(60, Duration::from_millis(100)),
            refusals: Allowance::new(5, Duration::from_secs(2)),
            ignored: 0,
            malformed: 0,
        }
    }

    /// A datagram arrived from `from`. Nonsense costs its sender alone.
    pub fn handle_datagram(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        let (to, packet) = match Packet::parse(data) {
            None => {
                self.malformed += 1;
                return;
            }
            Some(Packet::Control(control)) => {
                if let Control::Handshake(handshake) = control.body {
                    self.knock(from, &handshake, now);
                    return;
                }
                (control.to, Packet::Control(control))
            }
            Some(Packet::Data(data)) => (data.to, Packet::Data(data)),
        };
        let Some(Guest { id, stage: Stage::Open(connection) }) = self.guests.get_mut(&to) else { return };
        if connection.peer != from {
            return;
        }
        let id = *id;
        let ended = match packet {
            Packet::Data(data) => {
                connection.handle_data(&data, now, &mut self.outcome);
                None
            }
            Packet::Control(control) => connection.handle_control(control.body, now, &mut self.outcome),
        };
        self.timers.wish(to, connection.poll_timeout());
        self.hand_on(id, from);
        if let Some(reason) = ended {
            self.end(id, reason);
        }
    }

    /// The time asked for by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(socket) = self.timers.take(now) {
            let Some(guest) = self.guests.get_mut(&socket) else { continue };
            let id = guest.id;
            match &mut guest.stage {
                Stage::Asked { until, peer, question } => {
                    if *until > now {
                        self.timers.wish(socket, *until);
                        continue;
                    }
                    let data = door::refusal(question.socket, question.cookie, Refusal::Unavailable.code());
                    self.transmits.push_back(Transmit { to: *peer, data: data.into() });
                    self.end(id, CloseReason::NotAnswered);
                }
                Stage::Open(connection) => {
                    let ended = connection.handle_timeout(now, &mut self.outcome);
                    let (peer, next) = (connection.peer, connection.poll_timeout());
                    self.timers.wish(socket, next.max(now + Duration::from_micros(1)));
                    self.hand_on(id, peer);
                    if let Some(reason) = ended {
                        self.end(id, reason);
                    }
                }
            }
        }
    }

    /// Takes a caller that [`ListenerEvent::Asked`], if it proves to know `passphrase`: `Connected` follows, or
    /// `Closed`. Derives a key (under a millisecond of one core).
    ///
    /// # Errors
    /// When `passphrase` is none; the caller is refused as [`Refusal::Unavailable`] then.
    pub fn accept(
        &mut self,
        connection: ConnectionId,
        passphrase: &SecretString,
        now: Instant,
    ) -> Result<(), ConfigError> {
        let secret = match config::passphrase(passphrase) {
            Ok(secret) => secret,
            Err(error) => {
                self.refuse(connection, Refusal::Unavailable, now);
                return Err(error);
            }
        };
        let Some((peer, question)) = self.asked(connection) else { return Ok(()) };
        match Decryptor::new(secret, &question.keys) {
            Ok(decryptor) => self.open(connection, peer, &question, decryptor, now),
            Err(error) => {
                let reason = match error {
                    KeyError::Short { bytes } => CloseReason::ShortKey { bytes },
                    KeyError::Malformed | KeyError::WrongPassphrase | KeyError::OutOfTurn => {
                        CloseReason::WrongKey
                    }
                };
                self.turn_away(connection, peer, question, reject::BAD_SECRET, now);
                self.events.push_back(ListenerEvent::Closed { connection, reason });
            }
        }
        Ok(())
    }

    /// Turns away a caller that [`ListenerEvent::Asked`], with the reason on the wire.
    pub fn refuse(&mut self, connection: ConnectionId, refusal: Refusal, now: Instant) {
        if let Some((peer, question)) = self.asked(connection) {
            self.turn_away(connection, peer, question, refusal.code(), now);
        }
    }

    /// Ends a connection; the caller is told, no event follows.
    pub fn close(&mut self, connection: ConnectionId, now: Instant) {
        let Some(guest) = self.forget(connection) else { return };
        let (to, data) = match guest.stage {
            Stage::Asked { peer, question, .. } => {
                (peer, door::refusal(question.socket, question.cookie, Refusal::Unavailable.code()))
            }
            Stage::Open(open) => (open.peer, open.goodbye(now)),
        };
        self.transmits.push_back(Transmit { to, data: data.into() });
    }

    /// How long a gap may hold back what came after it, on one connection from now on.
    pub fn set_hold(&mut self, connection: ConnectionId, hold: Duration) {
        if let Some(open) = self.connection_mut(connection) {
            open.receiver.set_hold(hold);
            let at = open.poll_timeout();
            self.timers.wish(connection.socket(), at);
        }
    }

    /// When to call [`Self::handle_timeout`], and why; `None` without connections.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        self.timers.next().map(|at| (at, Reason::Connection))
    }

    /// The next datagram to put on the wire.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<ListenerEvent> {
        self.events.pop_front()
    }

    /// Counters of an open connection.
    pub fn stats(&self, connection: ConnectionId) -> Option<ConnectionStats> {
        match self.guests.get(&connection.socket()) {
            Some(Guest { id, stage: Stage::Open(open) }) if *id == connection => Some(open.receiver.stats()),
            _ => None,
        }
    }

    /// Callers left without an answer because they had asked or been refused too often.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Datagrams that were no SRT packets.
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    fn knock(&mut self, from: SocketAddr, handshake: &Handshake<'_>, now: Instant) {
        match door::knock(&self.cookies, from, handshake, now) {
            Knock::Ignore => {}
            Knock::Answer(data) => self.transmits.push_back(Transmit { to: from, data: data.into() }),
            Knock::Ask(question) => self.ask(from, question, now),
        }
    }

    fn ask(&mut self, from: SocketAddr, question: Question, now: Instant) {
        if let Some(socket) = self.callers.get(&(from, question.socket)) {
            // It asks again, because it did not get the answer or there is none yet.
            if let Some(Guest { stage: Stage::Open(open), .. }) = self.guests.get(socket) {
                self.transmits.push_back(Transmit { to: from, data: open.welcome() });
            }
            return;
        }
        let key = (from.ip(), question.stream_id.clone());
        if !self.refusals.has(&key, now) || !self.questions.take(from.ip(), now) {
            self.ignored += 1;
            return;
        }
        if self.guests.len() >= self.config.max_connections {
            let data = door::refusal(question.socket, question.cookie, reject::BACKLOG);
            self.transmits.push_back(Transmit { to: from, data: data.into() });
            return;
        }
        let socket = loop {
            let socket = self.random.socket_id();
            if !self.guests.contains_key(&socket) {
                break socket;
            }
        };
        self.serial = self.serial.wrapping_add(1);
        let id = ConnectionId::new(self.serial, socket);
        let until = now + ANSWER_WITHIN;
        let stream_id = question.stream_id.clone();
        self.callers.insert((from, question.socket), socket);
        self.guests.insert(socket, Guest { id, stage: Stage::Asked { peer: from, question, until } });
        self.timers.wish(socket, until);
        self.events.push_back(ListenerEvent::Asked { connection: id, peer: from, stream_id });
    }

    fn open(
        &mut self,
        id: ConnectionId,
        peer: SocketAddr,
        question: &Question,
        decryptor: Decryptor,
        now: Instant,
    ) {
        let ours = u16::try_from(self.config.latency.as_millis()).unwrap_or(u16::MAX);
        let agreed = ours.max(question.latency_ms);
        let latency = Duration::from_millis(u64::from(agreed));
        let extensions = extension::write_response(Agreement::ours(agreed), &question.keys);
        let welcome: Bytes = door::welcome(question, peer, id.socket(), HAS_HS | HAS_KM, &extensions).into();
        let link = Link { to: question.socket, start: now };
        let receiver = Receiver::new(link, question.first, self.config.hold.max(latency), decryptor, now);
        let open = Connection::new(peer, link, receiver, welcome.clone(), now);
        self.timers.wish(id.socket(), open.poll_timeout());
        self.guests.insert(id.socket(), Guest { id, stage: Stage::Open(Box::new(open)) });
        self.transmits.push_back(Transmit { to: peer, data: welcome });
        self.events.push_back(ListenerEvent::Connected { connection: id, latency });
    }

    fn turn_away(&mut self, id: ConnectionId, to: SocketAddr, question: Question, code: u32, now: Instant) {
        self.forget(id);
        let data = door::refusal(question.socket, question.cookie, code);
        self.transmits.push_back(Transmit { to, data: data.into() });
        self.refusals.take((to.ip(), question.stream_id), now);
    }

    fn asked(&self, id: ConnectionId) -> Option<(SocketAddr, Question)> {
        match self.guests.get(&id.socket()) {
            Some(Guest { id: known, stage: Stage::Asked { peer, question, .. } }) if *known == id => {
                Some((*peer, question.clone()))
            }
            _ => None,
        }
    }

    fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        match self.guests.get_mut(&id.socket()) {
            Some(Guest { id: known, stage: Stage::Open(open) }) if *known == id => Some(open),
            _ => None,
        }
    }

    /// What a connection brought forth goes to the wire and to the application.
    fn hand_on(&mut self, connection: ConnectionId, to: SocketAddr) {
        let wire = self.outcome.wire.drain(..).map(|data| Transmit { to, data: data.into() });
        self.transmits.extend(wire);
        self.events.extend(self.outcome.delivered.drain(..).map(|delivery| match delivery {
            Delivery::Message(data) => ListenerEvent::Message { connection, data },
            Delivery::Lost(packets) => ListenerEvent::Lost { connection, packets },
        }));
    }

    fn end(&mut self, connection: ConnectionId, reason: CloseReason) {
        if self.forget(connection).is_some() {
            self.events.push_back(ListenerEvent::Closed { connection, reason });
        }
    }

    fn forget(&mut self, id: ConnectionId) -> Option<Guest> {
        if self.guests.get(&id.socket())?.id != id {
            return None;
        }
        let guest = self.guests.remove(&id.socket())?;
        self.timers.forget(id.socket());
        let caller = match &guest.stage {
            Stage::Asked { peer, question, .. } => (*peer, question.socket),
            Stage::Open(open) => (open.peer, open.peer_socket()),
        };
        self.callers.remove(&caller);
        Some(guest)
    }
}
