//! The calling end: one stream to one listener, or one from it.
//!
//! A usual frame leaves as it is sent; a keyframe's burst is spread over a few milliseconds. What the listener
//! misses is repeated while it is young enough to be of use.

mod calling;
mod end;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::crypto::{Decryptor, Encryptor};
use crate::link::Link;
use crate::packet::{Control, Packet};
use crate::random::{Random, Seed};
use crate::receiving::Receiving;
use crate::recv::{Delivery, Outcome, Receiver};
use crate::send::Sender;
use crate::sending::Sending;
use crate::seq::Seq;
use crate::{CallerConfig, CallerStats, ConfigError, ConnectionStats, Reason, Transmit, config};

use calling::{Calling, Heard, Wish};
pub use end::{CallerEnd, CallerEvent, SendRefusal};

/// A push to one listener, or a request of one. See the crate's example for how to drive it.
pub struct Caller {
    peer: SocketAddr,
    /// Our socket id.
    socket: u32,
    start: Instant,
    stage: Stage,
    /// What the session draws its later keys from.
    random: Option<Random>,
    key_period: Option<u32>,
    hold: Duration,
    /// Opens what comes, where something is requested.
    decryptor: Option<Decryptor>,
    outcome: Outcome,
    wire: Vec<Bytes>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<CallerEvent>,
}

enum Stage {
    Calling(Box<Calling>),
    Open(Box<Sending>),
    Receiving(Box<Receiving>),
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
            hold: Duration::ZERO,
            decryptor: None,
            outcome: Outcome::default(),
            wire: Vec::new(),
            transmits: VecDeque::from([Transmit { to: peer, data: datagram }]),
            events: VecDeque::new(),
        })
    }

    /// The same, but to be sent a stream: its messages follow `Connected` as [`CallerEvent::Message`]. A gap in it holds
    /// back what came after it for at most `hold`, or the latency where that is longer.
    ///
    /// # Errors
    /// When no handshake can be made of the configuration.
    pub fn request(
        config: CallerConfig,
        hold: Duration,
        seed: &Seed,
        peer: SocketAddr,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        let passphrase = config.passphrase.clone();
        let mut caller = Self::new(config, seed, peer, now)?;
        let secret = config::passphrase(&passphrase)?;
        if let Stage::Calling(calling) = &caller.stage {
            // It opens: the message is our own.
            caller.decryptor = Decryptor::new(secret, calling.keys()).ok();
        }
        caller.hold = hold;
        Ok(caller)
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
        let control = match Packet::parse(data) {
            Some(Packet::Control(control)) if from == self.peer && control.to == self.socket => control,
            Some(Packet::Data(data)) if from == self.peer && data.to == self.socket => {
                if let Stage::Receiving(receiving) = &mut self.stage {
                    receiving.handle_data(&data, now, &mut self.outcome);
                    self.hand_up();
                }
                return;
            }
            Some(Packet::Control(_) | Packet::Data(_)) | None => return,
        };
        match &mut self.stage {
            Stage::Calling(calling) => {
                if let Control::Handshake(answer) = control.body {
                    let heard = calling.handle(&answer, now);
                    self.heard(heard, now);
                }
            }
            Stage::Open(session) => {
                let ended = session.handle(control.body, now, &mut self.wire);
                self.hand_on();
                if let Some(ended) = ended {
                    self.end(ended.into());
                }
            }
            Stage::Receiving(receiving) => {
                let ended = receiving.handle_control(control.body, now, &mut self.outcome);
                self.hand_up();
                if let Some(ended) = ended {
                    self.end(ended.into());
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
                let ended = session.handle_timeout(now, &mut self.wire);
                self.hand_on();
                if let Some(ended) = ended {
                    self.end(ended.into());
                }
            }
            Stage::Receiving(receiving) => {
                let ended = receiving.handle_timeout(now, &mut self.outcome);
                self.hand_up();
                if let Some(ended) = ended {
                    self.end(ended.into());
                }
            }
            Stage::Over(_) => {}
        }
    }

    /// Says goodbye: one last datagram, then `Closed`.
    pub fn close(&mut self, now: Instant) {
        let goodbye = match &self.stage {
            Stage::Open(sending) => Some(sending.goodbye(now)),
            Stage::Receiving(receiving) => Some(receiving.goodbye(now).into()),
            Stage::Calling(_) | Stage::Over(_) => None,
        };
        self.wire.extend(goodbye);
        self.hand_on();
        if !matches!(self.stage, Stage::Over(_)) {
            self.end(CallerEnd::ClosedHere);
        }
    }

    /// When to call [`Self::handle_timeout`], and why; `None` once it is over.
    pub fn poll_timeout(&self) -> Option<(Instant, Reason)> {
        match &self.stage {
            Stage::Calling(calling) => Some((calling.poll_timeout(), Reason::Handshake)),
            Stage::Open(session) => Some((session.poll_timeout(), Reason::Connection)),
            Stage::Receiving(receiving) => Some((receiving.poll_timeout(), Reason::Connection)),
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

    /// Counters of what is received, while it is.
    pub fn received(&self) -> Option<ConnectionStats> {
        match &self.stage {
            Stage::Receiving(receiving) => Some(receiving.receiver.stats()),
            Stage::Calling(_) | Stage::Open(_) | Stage::Over(_) => None,
        }
    }

    /// Counters, kept after the end.
    pub fn stats(&self) -> CallerStats {
        match &self.stage {
            Stage::Calling(_) | Stage::Receiving(_) => CallerStats::default(),
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
                if let Some(decryptor) = self.decryptor.take() {
                    let hold = self.hold.max(agreed.latency);
                    let receiver = Receiver::new(link, agreed.first, hold, decryptor, now);
                    let names_last = agreed.reads_probes;
                    let receiving = Receiving::new(self.peer, link, receiver, names_last, Bytes::new(), now);
                    self.stage = Stage::Receiving(Box::new(receiving));
                    self.events.push_back(CallerEvent::Connected { latency: agreed.latency });
                    return;
                }
                let mut sender = Sender::new(link, &agreed, calling.into_encryptor(), random, now);
                if let Some(packets) = self.key_period {
                    sender.change_keys_every(packets);
                }
                self.stage = Stage::Open(Box::new(Sending::new(link, sender, now)));
                self.events.push_back(CallerEvent::Connected { latency: agreed.latency });
            }
        }
    }

    fn end(&mut self, end: CallerEnd) {
        self.stage = Stage::Over(self.stats());
        self.events.push_back(CallerEvent::Closed(end));
    }

    /// What a requested stream brought goes to the wire and to the application.
    fn hand_up(&mut self) {
        self.wire.extend(self.outcome.wire.drain(..).map(Bytes::from));
        self.events.extend(self.outcome.delivered.drain(..).map(|delivery| match delivery {
            Delivery::Message(data) => CallerEvent::Message(data),
            Delivery::Lost(packets) => CallerEvent::Lost(packets),
        }));
        self.hand_on();
    }

    fn hand_on(&mut self) {
        let to = self.peer;
        self.transmits.extend(self.wire.drain(..).map(|data| Transmit { to, data }));
    }
}
