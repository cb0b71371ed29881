//! The sending end of a connection that stands: messages out, answers in, and when silence is too long.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::SendRefusal;
use crate::link::{Ended, Link};
use crate::packet::Control;
use crate::send::Sender;

/// Nothing came for so long: gone.
const IDLE: Duration = Duration::from_secs(5);
/// Nothing was sent for so long: say something.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// One stream out.
pub(crate) struct Sending {
    pub(crate) sender: Sender,
    link: Link,
    heard: Instant,
    spoke: Instant,
}

impl Sending {
    pub(crate) fn new(link: Link, sender: Sender, now: Instant) -> Self {
        Self { sender, link, heard: now, spoke: now }
    }

    pub(crate) fn goodbye(&self, now: Instant) -> Bytes {
        self.link.write(Control::Shutdown, now).into()
    }

    pub(crate) fn send(
        &mut self,
        message: &[u8],
        now: Instant,
        wire: &mut Vec<Bytes>,
    ) -> Result<(), SendRefusal> {
        self.spoke = now;
        self.sender.send(message, now, wire)
    }

    /// Says why it ended, if it did.
    pub(crate) fn handle(
        &mut self,
        control: Control<'_>,
        now: Instant,
        wire: &mut Vec<Bytes>,
    ) -> Option<Ended> {
        self.heard = now;
        match control {
            Control::Ack { number, next, report } => self.sender.handle_ack(number, next, report, now, wire),
            Control::Nak(list) => self.sender.handle_nak(list, now, wire),
            Control::KeyResponse(answer) => self.sender.handle_key_response(answer),
            Control::Shutdown => return Some(Ended::PeerClosed),
            // Nothing is received here, so nothing is confirmed, dropped or decrypted.
            Control::KeepAlive { .. }
            | Control::Handshake(_)
            | Control::AckAck { .. }
            | Control::DropRequest { .. }
            | Control::KeyRequest(_)
            | Control::Other => {}
        }
        None
    }

    /// Says why it ended, if it did.
    pub(crate) fn handle_timeout(&mut self, now: Instant, wire: &mut Vec<Bytes>) -> Option<Ended> {
        if self.heard + IDLE <= now {
            return Some(Ended::PeerGone);
        }
        self.sender.handle_timeout(now, wire);
        if !wire.is_empty() {
            self.spoke = now;
        } else if self.spoke + KEEP_ALIVE <= now {
            wire.push(self.link.write(Control::KeepAlive { last: None }, now).into());
            self.spoke = now;
        }
        None
    }

    pub(crate) fn poll_timeout(&self) -> Instant {
        let own = (self.heard + IDLE).min(self.spoke + KEEP_ALIVE);
        self.sender.poll_timeout().map_or(own, |at| at.min(own))
    }
}
