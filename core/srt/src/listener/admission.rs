//! Who is let in: a caller's question goes to the application, and its answer back to the caller.
//!
//! Invariant: who asks too often or is refused too often costs no question; who is not let in is forgotten.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use secrecy::SecretString;

use super::connection::Connection;
use super::door::{self, Knock, Question};
use super::guests::{Guest, Stage};
use super::{CloseReason, ConnectionId, Listener, ListenerEvent};
use crate::crypto::{Decryptor, KeyError};
use crate::link::Link;
use crate::packet::Handshake;
use crate::packet::extension::{self, Agreement, HAS_HS, HAS_KM};
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
        let secret = match config::passphrase(passphrase) {
            Ok(secret) => secret,
            Err(error) => {
                self.refuse(connection, Refusal::Unavailable, now);
                return Err(error);
            }
        };
        let Some((peer, question)) = self.guests.asked(connection) else { return Ok(()) };
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
            if let Stage::Open(open) = stage {
                self.transmits.push_back(Transmit { to: from, data: open.welcome() });
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
        let ours = u16::try_from(self.config.latency.as_millis()).unwrap_or(u16::MAX);
        let agreed = ours.max(question.latency_ms);
        let latency = Duration::from_millis(u64::from(agreed));
        let extensions = extension::write_response(Agreement::ours(agreed), &question.keys);
        let welcome: Bytes = door::welcome(question, peer, id.socket(), HAS_HS | HAS_KM, &extensions).into();
        let link = Link { to: question.socket, start: now };
        let receiver = Receiver::new(link, question.first, self.config.hold.max(latency), decryptor, now);
        let open = Connection::new(peer, link, receiver, question.names_last, welcome.clone(), now);
        self.guests.open(id, open);
        self.transmits.push_back(Transmit { to: peer, data: welcome });
        self.events.push_back(ListenerEvent::Connected { connection: id, latency });
    }

    fn turn_away(&mut self, id: ConnectionId, to: SocketAddr, question: Question, code: u32, now: Instant) {
        self.guests.forget(id);
        let data = door::refusal(question.socket, question.cookie, code);
        self.transmits.push_back(Transmit { to, data: data.into() });
        self.refusals.take((to.ip(), question.stream_id), now);
    }
}
