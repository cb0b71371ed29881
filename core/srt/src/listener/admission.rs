//! Who is let in: a caller's question goes to the application, and its answer back to the caller.
//!
//! Invariant: who asks too often or is refused too often costs no question; who is not let in is forgotten.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use secrecy::SecretString;

use super::door::{self, Knock, Question};
use super::guests::{Guest, Stage};
use super::serving::Serving;
use super::{CloseReason, ConnectionId, Listener, ListenerEvent};
use crate::crypto::{Decryptor, Encryptor, KeyError};
use crate::link::Link;
use crate::packet::Handshake;
use crate::packet::extension::{self, Agreement, HAS_HS, HAS_KM};
use crate::receiving::Receiving;
use crate::recv::Receiver;
use crate::{ConfigError, Refusal, Transmit, config, reject};

/// The application decides about a caller in this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

impl Listener {
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
        let secret = self.secret(connection, passphrase, now)?;
        let Some((peer, question)) = self.guests.asked(connection) else { return Ok(()) };
        match Decryptor::new(secret, &question.keys) {
            Ok(decryptor) => self.open(connection, peer, &question, decryptor, now),
            Err(error) => self.without_key(connection, peer, question, error, now),
        }
        Ok(())
    }

    /// Takes a caller that [`ListenerEvent::Asked`] to send a stream to it, if it proves to know `passphrase`: `Connected`
    /// follows and [`Listener::send`] works, or `Closed`. What it sends is passed over. Derives a key.
    ///
    /// # Errors
    /// When `passphrase` is none; the caller is refused as [`Refusal::Unavailable`] then.
    pub fn serve(
        &mut self,
        connection: ConnectionId,
        passphrase: &SecretString,
        now: Instant,
    ) -> Result<(), ConfigError> {
        let secret = self.secret(connection, passphrase, now)?;
        let Some((peer, question)) = self.guests.asked(connection) else { return Ok(()) };
        match Encryptor::of_peer(secret, &question.keys) {
            Ok(encryptor) => {
                let (latency, welcome) = self.welcome(connection, peer, &question);
                let serving =
                    Serving::new(peer, &question, latency, encryptor, &mut self.random, welcome.clone(), now);
                self.guests.open(connection, Stage::Serving(Box::new(serving)));
                self.transmits.push_back(Transmit { to: peer, data: welcome });
                self.events.push_back(ListenerEvent::Connected { connection, latency });
            }
            Err(error) => self.without_key(connection, peer, question, error, now),
        }
        Ok(())
    }

    /// Whether a caller that [`ListenerEvent::Asked`] knows `passphrase`: for who tells a reason to such alone. Derives a key.
    pub fn proves(&self, connection: ConnectionId, passphrase: &SecretString) -> bool {
        let (Some((_, question)), Ok(secret)) =
            (self.guests.asked(connection), config::passphrase(passphrase))
        else {
            return false;
        };
        Decryptor::new(secret, &question.keys).is_ok()
    }

    fn secret<'a>(
        &mut self,
        connection: ConnectionId,
        passphrase: &'a SecretString,
        now: Instant,
    ) -> Result<&'a [u8], ConfigError> {
        config::passphrase(passphrase).inspect_err(|_| self.refuse(connection, Refusal::Unavailable, now))
    }

    fn without_key(
        &mut self,
        connection: ConnectionId,
        peer: SocketAddr,
        question: Question,
        error: KeyError,
        now: Instant,
    ) {
        let reason = match error {
            KeyError::Short { bytes } => CloseReason::ShortKey { bytes },
            KeyError::Malformed | KeyError::WrongPassphrase | KeyError::OutOfTurn => CloseReason::WrongKey,
        };
        self.turn_away(connection, peer, question, reject::BAD_SECRET, now);
        self.events.push_back(ListenerEvent::Closed { connection, reason });
    }

    /// Turns away a caller that [`ListenerEvent::Asked`], with the reason on the wire.
    pub fn refuse(&mut self, connection: ConnectionId, refusal: Refusal, now: Instant) {
        if let Some((peer, question)) = self.guests.asked(connection) {
            self.turn_away(connection, peer, question, refusal.code(), now);
        }
    }

    pub(super) fn knock(&mut self, from: SocketAddr, handshake: &Handshake<'_>, now: Instant) {
        match door::knock(&self.cookies, from, handshake, now) {
            Knock::Ignore => {}
            Knock::Answer(data) => self.transmits.push_back(Transmit { to: from, data: data.into() }),
            Knock::Ask(question) => self.ask(from, question, now),
        }
    }

    fn ask(&mut self, from: SocketAddr, question: Question, now: Instant) {
        if let Some(Guest { stage, .. }) = self.guests.caller(from, question.socket) {
            // It asks again, because it did not get the answer or there is none yet.
            match stage {
                Stage::Open(open) => self.transmits.push_back(Transmit { to: from, data: open.welcome() }),
                Stage::Serving(serving) => {
                    self.transmits.push_back(Transmit { to: from, data: serving.welcome.clone() });
                }
                Stage::Asked { .. } => {}
            }
            return;
        }
        let key = (from.ip(), question.stream_id.clone());
        if !self.refusals.has(&key, now) || !self.questions.take(from.ip(), now) {
            self.ignored += 1;
            return;
        }
        if self.guests.count() >= self.config.max_connections {
            let data = door::refusal(question.socket, question.cookie, reject::BACKLOG);
            self.transmits.push_back(Transmit { to: from, data: data.into() });
            return;
        }
        let stream_id = question.stream_id.clone();
        let id = self.guests.enter(from, question, now + ANSWER_WITHIN, &mut self.random);
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
        let (latency, welcome) = self.welcome(id, peer, question);
        let link = Link { to: question.socket, start: now };
        let receiver = Receiver::new(link, question.first, self.config.hold.max(latency), decryptor, now);
        let open = Receiving::new(peer, link, receiver, question.names_last, welcome.clone(), now);
        self.guests.open(id, Stage::Open(Box::new(open)));
        self.transmits.push_back(Transmit { to: peer, data: welcome });
        self.events.push_back(ListenerEvent::Connected { connection: id, latency });
    }

    /// The latency of both ends, and the handshake's last answer.
    fn welcome(&self, id: ConnectionId, peer: SocketAddr, question: &Question) -> (Duration, Bytes) {
        let ours = u16::try_from(self.config.latency.as_millis()).unwrap_or(u16::MAX);
        let agreed = ours.max(question.latency_ms);
        let extensions = extension::write_response(Agreement::ours(agreed), &question.keys);
        let welcome = door::welcome(question, peer, id.socket(), HAS_HS | HAS_KM, &extensions);
        (Duration::from_millis(u64::from(agreed)), welcome.into())
    }

    fn turn_away(&mut self, id: ConnectionId, to: SocketAddr, question: Question, code: u32, now: Instant) {
        self.guests.forget(id);
        let data = door::refusal(question.socket, question.cookie, code);
        self.transmits.push_back(Transmit { to, data: data.into() });
        self.refusals.take((to.ip(), question.stream_id), now);
    }
}
