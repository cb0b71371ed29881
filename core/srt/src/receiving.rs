//! The receiving end of a connection that stands: what comes in, what goes back, and when silence is too long.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::link::{Ended, Link};
use crate::packet::{Control, DataPacket};
use crate::recv::{Outcome, Receiver};

/// Nothing came for so long: gone.
const IDLE: Duration = Duration::from_secs(5);
/// Nothing was sent for so long: say something.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// One stream in.
pub(crate) struct Receiving {
    pub(crate) peer: SocketAddr,
    pub(crate) receiver: Receiver,
    link: Link,
    /// Whether the sender's keep-alives name its last packet; another one's may hold anything.
    names_last: bool,
    /// The handshake's last answer, should the caller not have got it.
    welcome: Bytes,
    heard: Instant,
    spoke: Instant,
}

impl Receiving {
    pub(crate) fn new(
        peer: SocketAddr,
        link: Link,
        receiver: Receiver,
        names_last: bool,
        welcome: Bytes,
        now: Instant,
    ) -> Self {
        Self { peer, receiver, link, names_last, welcome, heard: now, spoke: now }
    }

    /// The peer's socket id.
    pub(crate) fn peer_socket(&self) -> u32 {
        self.link.to
    }

    /// The answer to a repeated conclusion.
    pub(crate) fn welcome(&self) -> Bytes {
        self.welcome.clone()
    }

    pub(crate) fn goodbye(&self, now: Instant) -> Vec<u8> {
        self.link.write(Control::Shutdown, now)
    }

    pub(crate) fn handle_data(&mut self, packet: &DataPacket<'_>, now: Instant, out: &mut Outcome) {
        self.heard = now;
        self.receiver.handle_data(packet, now, out);
    }

    /// Says why it ended, if it did.
    pub(crate) fn handle_control(
        &mut self,
        control: Control<'_>,
        now: Instant,
        out: &mut Outcome,
    ) -> Option<Ended> {
        self.heard = now;
        match control {
            Control::KeepAlive { last: Some(last) } if self.names_last => {
                self.receiver.handle_probe(last, now, out)
            }
            Control::AckAck { number } => self.receiver.handle_ack_ack(number, now),
            Control::DropRequest { first, last } => self.receiver.handle_drop(first, last, now, out),
            Control::KeyRequest(message) => self.receiver.handle_keys(message, now, out),
            Control::Shutdown => {
                self.receiver.finish(now, out);
                return Some(Ended::PeerClosed);
            }
            // Nothing is sent from here, so nothing is acknowledged or missed.
            Control::KeepAlive { .. }
            | Control::Handshake(_)
            | Control::Ack { .. }
            | Control::Nak(_)
            | Control::KeyResponse(_)
            | Control::Other => {}
        }
        None
    }

    /// Says why it ended, if it did.
    pub(crate) fn handle_timeout(&mut self, now: Instant, out: &mut Outcome) -> Option<Ended> {
        if self.heard + IDLE <= now {
            self.receiver.finish(now, out);
            return Some(Ended::PeerGone);
        }
        self.receiver.handle_timeout(now, out);
        if !out.wire.is_empty() {
            self.spoke = now;
        } else if self.spoke + KEEP_ALIVE <= now {
            out.wire.push(self.link.write(Control::KeepAlive { last: None }, now));
            self.spoke = now;
        }
        None
    }

    pub(crate) fn poll_timeout(&self) -> Instant {
        let own = (self.heard + IDLE).min(self.spoke + KEEP_ALIVE);
        self.receiver.poll_timeout().map_or(own, |at| at.min(own))
    }
}
