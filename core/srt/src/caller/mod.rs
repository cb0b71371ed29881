//! The pushing end: one stream to one listener.
//!
//! A usual frame leaves as it is sent; a keyframe's burst is spread over a few milliseconds. What the listener
//! misses is repeated while it is young enough to be of use.

mod calling;
mod end;
mod session;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;

use crate::crypto::Encryptor;
use crate::link::Link;
use crate::packet::{Control, Packet};
use crate::random::{Random, Seed};
use crate::send::Sender;
use crate::seq::Seq;
use crate::{CallerConfig, CallerStats, ConfigError, Reason, Transmit, config};

use calling::{Calling, Heard, Wish};
pub use end::{CallerEnd, CallerEvent, SendRefusal};
use session::Session;

/// A push to one listener. See the crate's example for how to drive it.
pub struct Caller {
    peer: SocketAddr,
    /// Our socket id.
    socket: u32,
    start: Instant,
    stage: Stage,
    /// What the session draws its later keys from.
    random: Option<Random>,
    key_period: Option<u32>,
    wire: Vec<Bytes>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<CallerEvent>,
}

enum Stage {
    Calling(Box<Calling>),
    Open(Box<Session>),
    Over(CallerStats),
}

impl Caller {
    /// Begins the handshake with `peer`: the first datagram stands in [`Self::poll_transmit`]. Derives a key
    /// (under a millisecond of one core).
    ///
    /// # Errors
    /// When no handshake can be made of the configuration.
    pub fn new(
        config: CallerConfig,
        seed: &Seed,
        peer: SocketAddr,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        let latency_ms = config::latency_ms(config.latency)?;
        let stream_id = config::stream_id(&config.stream_id)?.to_owned();
        let passphrase = config::passphrase(&config.passphrase)?;
        if peer.port() == 0 || peer.ip().is_unspecified() || peer.ip().is_multicast() {
            return Err(ConfigError::Peer { got: peer });
        }
        let mut random = Random::new(seed);
        let socket = random.socket_id();
        let first = Seq::new(random.u32());
        let encryptor = Encryptor::new(passphrase, &mut random);
        let wish = Wish { peer, socket, first, latency_ms, stream_id, encryptor };
        let (calling, datagram) = Calling::new(wish, now);
        Ok(Self {
            peer,
            socket,
            start: now,
            stage: Stage::Calling(Box::new(calling)),
            random: Some(random),
            key_period: None,
            wire: Vec::new(),
            transmits: VecDeque::from([Transmit { to: peer, data: datagram }]),
            events: VecDeque::new(),
        })
    }

    /// Changes the key each so many packets, from now on; without this each 16 million.
    pub fn change_keys_every(&mut self, packets: u32) {
        self.key_period = Some(packets);
        if let Stage::Open(session) = &mut self.stage {
            session.sender.change_keys_every(packets);
        }
    }

    /// Sends one message, at most [`crate::MAX_MESSAGE`] bytes; it arrives whole or not at all.
    ///
    /// # Errors
    /// The message is gone; the reason says what to do.
    pub fn send(&mut self, message: Bytes, now: Instant) -> Result<(), SendRefusal> {
        let Stage::Open(session) = &mut self.stage else { return Err(SendRefusal::NotConnected) };
        let result = session.send(&message, now, &mut self.wire);
        self.hand_on();
        result
    }

    /// A datagram arrived. What does not belong to this push is passed over.
    pub fn handle_datagram(&mut self, from: SocketAddr, data: &[u8], now: Instant) {
        let Some(Packet::Control(control)) = Packet::parse(data) else { return };
        if from != self.peer || control.to != self.socket {
            return;
        }
        match &mut self.stage {
            Stage::Calling(calling) => {
                if let Control::Handshake(answer) = control.body {
                    let heard = calling.handle(&answer, now);
                    self.heard(heard, now);
                }
            }
            Stage::Open(session) => {
                let end = session.handle(control.body, now, &mut self.wire);
                self.hand_on();
                if let Some(end) = end {
                    self.end(end);
                }
            }
            Stage::Over(_) => {}
        }
    }

    /// The time asked for by [`Self::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &mut self.stage {
            Stage::Calling(calling) => {
                let heard = calling.handle_timeout(now);
                self.heard(heard, now);
            }
            Stage::Open(session) => {
                let end = session.handle_timeout(now, &mut self.wire);
                self.hand_on();
                if let Some(end) = end {
                    self.end(end);
                }
            }
            Stage::Over(_) => {}
        }
    }

    /// Says goodbye: one last datagram, then `Closed`.
    pub fn close(&mut self, now: Instant) {
        if let Stage::Open(session) = &self.stage {
            let goodbye = session.goodbye(now);
            self.wire.push(goodbye);
            self.hand_on();
        }
        if !matches!(self.stage, Stage::Over(_)) {
            self.end(CallerEnd::ClosedHere);
        }
    }

    /// When to call [`Self::handle_timeout`], and why; `None` once it is over.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        match &self.stage {
            Stage::Calling(calling) => Some((calling.poll_timeout(), Reason::Handshake)),
            Stage::Open(session) => Some((session.poll_timeout(), Reason::Connection)),
            Stage::Over(_) => None,
        }
    }

    /// The next datagram to put on the wire.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// What happened.
    pub fn poll_event(&mut self) -> Option<CallerEvent> {
        self.events.pop_front()
    }

    /// Whether [`Self::send`] has somebody to send to.
    pub fn is_connected(&self) -> bool {
        matches!(self.stage, Stage::Open(_))
    }

    /// Counters, kept after the end.
    pub fn stats(&self) -> CallerStats {
        match &self.stage {
            Stage::Calling(_) => CallerStats::default(),
            Stage::Open(session) => session.sender.stats(),
            Stage::Over(stats) => *stats,
        }
    }

    fn heard(&mut self, heard: Heard, now: Instant) {
        match heard {
            Heard::Nothing => {}
            Heard::Next(datagram) => {
                self.wire.push(datagram);
                self.hand_on();
            }
            Heard::End(end) => self.end(end),
            Heard::Admitted { socket, agreed } => {
                let stage = std::mem::replace(&mut self.stage, Stage::Over(CallerStats::default()));
                let (Stage::Calling(calling), Some(random)) = (stage, self.random.take()) else { return };
                let link = Link { to: socket, start: self.start };
                let mut sender = Sender::new(link, &agreed, calling.into_encryptor(), random, now);
                if let Some(packets) = self.key_period {
                    sender.change_keys_every(packets);
                }
                self.stage = Stage::Open(Box::new(Session::new(link, sender, now)));
                self.events.push_back(CallerEvent::Connected { latency: agreed.latency });
            }
        }
    }

    fn end(&mut self, end: CallerEnd) {
        self.stage = Stage::Over(self.stats());
        self.events.push_back(CallerEvent::Closed(end));
    }

    fn hand_on(&mut self) {
        let to = self.peer;
        self.transmits.extend(self.wire.drain(..).map(|data| Transmit { to, data }));
    }
}
