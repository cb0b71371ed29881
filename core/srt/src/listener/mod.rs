//! The end that is called: every publisher of a server on one UDP port, and everybody who requests a stream.
//!
//! A caller that passed the handshake's cookie is announced as `Asked` and answered by [`Listener::accept`],
//! [`Listener::serve`] or [`Listener::refuse`] whenever the application knows, up to five seconds later: nothing here waits for it.

mod admission;
mod door;
mod events;
mod guests;
mod serving;
mod timers;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::allowance::Allowance;
use crate::cookie::Cookies;
use crate::packet::{Control, Packet};
use crate::random::{Random, Seed};
use crate::recv::{Delivery, Outcome};
use crate::{ConnectionStats, ListenerConfig, Reason, Refusal, Transmit};

pub use events::{CloseReason, ConnectionId, ListenerEvent};
use guests::{Guest, Guests, Stage};

/// Every publisher on one port.
pub struct Listener {
    config: ListenerConfig,
    random: Random,
    cookies: Cookies,
    guests: Guests,
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
            guests: Guests::default(),
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
        let Some(Guest { id, stage }) = self.guests.get_mut(to) else { return };
        let id = *id;
        let (ended, next) = match (stage, packet) {
            (Stage::Open(open), Packet::Data(data)) if open.peer == from => {
                open.handle_data(&data, now, &mut self.outcome);
                (None, open.poll_timeout())
            }
            (Stage::Open(open), Packet::Control(control)) if open.peer == from => {
                let ended = open.handle_control(control.body, now, &mut self.outcome);
                (ended, open.poll_timeout())
            }
            (Stage::Serving(serving), Packet::Control(control)) if serving.peer == from => {
                let mut wire = Vec::new();
                let ended = serving.sending.handle(control.body, now, &mut wire);
                self.transmits.extend(wire.into_iter().map(|data| Transmit { to: from, data }));
                (ended, serving.sending.poll_timeout())
            }
            // Somebody else's address, or one who is served and pushes nothing.
            (Stage::Asked { .. } | Stage::Open(_) | Stage::Serving(_), _) => return,
        };
        self.guests.timers.wish(to, next);
        self.hand_on(id, from);
        if let Some(ended) = ended {
            self.end(id, ended.into());
        }
    }

    /// The time asked for by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(socket) = self.guests.timers.take(now) {
            let Some(guest) = self.guests.get_mut(socket) else { continue };
            let id = guest.id;
            match &mut guest.stage {
                Stage::Asked { until, peer, question } => {
                    let until = *until;
                    if until > now {
                        self.guests.timers.wish(socket, until);
                        continue;
                    }
                    let data = door::refusal(question.socket, question.cookie, Refusal::Unavailable.code());
                    self.transmits.push_back(Transmit { to: *peer, data: data.into() });
                    self.end(id, CloseReason::NotAnswered);
                }
                Stage::Open(connection) => {
                    let ended = connection.handle_timeout(now, &mut self.outcome);
                    let (peer, next) = (connection.peer, connection.poll_timeout());
                    self.guests.timers.wish(socket, next.max(now + Duration::from_micros(1)));
                    self.hand_on(id, peer);
                    if let Some(ended) = ended {
                        self.end(id, ended.into());
                    }
                }
                Stage::Serving(serving) => {
                    let mut wire = Vec::new();
                    let ended = serving.sending.handle_timeout(now, &mut wire);
                    let (to, next) = (serving.peer, serving.sending.poll_timeout());
                    self.guests.timers.wish(socket, next.max(now + Duration::from_micros(1)));
                    self.transmits.extend(wire.into_iter().map(|data| Transmit { to, data }));
                    if let Some(ended) = ended {
                        self.end(id, ended.into());
                    }
                }
            }
        }
    }

    /// Ends a connection; the caller is told, no event follows.
    pub fn close(&mut self, connection: ConnectionId, now: Instant) {
        let Some(guest) = self.guests.forget(connection) else { return };
        let (to, data) = match guest.stage {
            Stage::Asked { peer, question, .. } => {
                (peer, door::refusal(question.socket, question.cookie, Refusal::Unavailable.code()))
            }
            Stage::Open(open) => (open.peer, open.goodbye(now)),
            Stage::Serving(serving) => (serving.peer, serving.sending.goodbye(now).to_vec()),
        };
        self.transmits.push_back(Transmit { to, data: data.into() });
    }

    /// How long a gap may hold back what came after it, on one connection from now on.
    pub fn set_hold(&mut self, connection: ConnectionId, hold: Duration) {
        if let Some(open) = self.guests.connection_mut(connection) {
            open.receiver.set_hold(hold);
            let at = open.poll_timeout();
            self.guests.timers.wish(connection.socket(), at);
        }
    }

    /// When to call [`Self::handle_timeout`], and why; `None` without connections.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        self.guests.timers.next().map(|at| (at, Reason::Connection))
    }

    /// The next datagram to put on the wire.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<ListenerEvent> {
        self.events.pop_front()
    }

    /// Counters of an open connection that pushes.
    pub fn stats(&self, connection: ConnectionId) -> Option<ConnectionStats> {
        self.guests.connection(connection).map(|open| open.receiver.stats())
    }

    /// Callers left without an answer because they had asked or been refused too often.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Datagrams that were no SRT packets.
    pub fn malformed(&self) -> u64 {
        self.malformed
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
        if self.guests.forget(connection).is_some() {
            self.events.push_back(ListenerEvent::Closed { connection, reason });
        }
    }
}
