//! A caller that requested a stream: what goes out to it, and what it confirms.
//!
//! The keys are the ones that the caller made, as the protocol has it; later ones are made here.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::door::Question;
use super::{ConnectionId, Listener};
use crate::crypto::Encryptor;
use crate::link::Link;
use crate::random::{Random, Seed};
use crate::recv::WINDOW;
use crate::send::{Agreed, Sender};
use crate::sending::Sending;
use crate::{SendRefusal, Transmit};

/// Until its first acknowledgement says better.
const RTT: Duration = Duration::from_millis(100);

/// One stream out of this port.
pub(super) struct Serving {
    pub(super) peer: SocketAddr,
    pub(super) peer_socket: u32,
    pub(super) sending: Sending,
    /// The handshake's last answer, should the caller not have got it.
    pub(super) welcome: Bytes,
}

impl Serving {
    pub(super) fn new(
        peer: SocketAddr,
        question: &Question,
        latency: Duration,
        encryptor: Encryptor,
        random: &mut Random,
        welcome: Bytes,
        now: Instant,
    ) -> Self {
        let link = Link { to: question.socket, start: now };
        let agreed = Agreed {
            first: question.first,
            window: WINDOW,
            latency,
            reads_probes: question.names_last,
            rtt: RTT,
        };
        let own = Random::new(&Seed::from(random.bytes()));
        let sender = Sender::new(link, &agreed, encryptor, own, now);
        Self { peer, peer_socket: question.socket, sending: Sending::new(link, sender, now), welcome }
    }
}

impl Listener {
    /// Sends one message, at most [`crate::MAX_MESSAGE`] bytes, to a caller that is served; it arrives whole or not at
    /// all.
    ///
    /// # Errors
    /// The message is gone; the reason says what to do.
    pub fn send(
        &mut self,
        connection: ConnectionId,
        message: &[u8],
        now: Instant,
    ) -> Result<(), SendRefusal> {
        let serving = self.guests.serving_mut(connection).ok_or(SendRefusal::NotConnected)?;
        let mut wire = Vec::new();
        let result = serving.sending.send(message, now, &mut wire);
        let (to, next) = (serving.peer, serving.sending.poll_timeout());
        self.guests.timers.wish(connection.socket(), next);
        self.transmits.extend(wire.into_iter().map(|data| Transmit { to, data }));
        result
    }

    /// Changes the key of one who is served each so many packets, from now on; without this each 16 million.
    pub fn change_keys_every(&mut self, connection: ConnectionId, packets: u32) {
        if let Some(serving) = self.guests.serving_mut(connection) {
            serving.sending.sender.change_keys_every(packets);
        }
    }
}
