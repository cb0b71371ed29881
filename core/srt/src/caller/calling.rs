//! The handshake as a caller sees it (4.3.1): an induction for the cookie, a conclusion with everything, an answer.
//!
//! Two states, each holding what it needs; each datagram is sent again until it is answered or time is up.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::end::CallerEnd;
use crate::crypto::{Encryptor, KeyState};
use crate::packet::extension::{self, Agreement, Extensions, HAS_CONFIG, HAS_HS, HAS_KM};
use crate::packet::handshake::{self, DATAGRAM, KEY_32, MAGIC, MTU, Step};
use crate::packet::{Control, ControlPacket, Handshake};
use crate::recv::WINDOW;
use crate::send::Agreed;
use crate::seq::Seq;

/// How long a listener may be silent in the handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// An unanswered datagram is sent again.
const AGAIN: Duration = Duration::from_millis(250);

/// What a caller wants; stays the same through the handshake.
pub(super) struct Wish {
    pub(super) peer: SocketAddr,
    /// Our socket id.
    pub(super) socket: u32,
    pub(super) first: Seq,
    pub(super) latency_ms: u16,
    pub(super) stream_id: String,
    pub(super) encryptor: Encryptor,
}

/// A handshake on its way.
pub(super) struct Calling {
    wish: Wish,
    step: Asked,
    /// What is sent again.
    datagram: Bytes,
    sent_at: Instant,
    again_at: Instant,
    until: Instant,
}

/// What was asked last.
enum Asked {
    Cookie,
    /// The round trip was measured with the cookie.
    Admission {
        rtt: Duration,
    },
}

/// What an answer led to.
pub(super) enum Heard {
    Nothing,
    /// The next datagram is to be sent.
    Next(Bytes),
    /// Let in by the listener with this socket id.
    Admitted {
        socket: u32,
        agreed: Agreed,
    },
    End(CallerEnd),
}

impl Calling {
    /// The first datagram is to be sent now.
    pub(super) fn new(wish: Wish, now: Instant) -> (Self, Bytes) {
        let datagram = write(4, 0, DATAGRAM, Step::Induction, 0, &wish, &[]);
        let calling = Self {
            wish,
            step: Asked::Cookie,
            datagram: datagram.clone(),
            sent_at: now,
            again_at: now + AGAIN,
            until: now + CONNECT_TIMEOUT,
        };
        (calling, datagram)
    }

    /// The keys as they travel.
    pub(super) fn keys(&self) -> &[u8] {
        self.wish.encryptor.message()
    }

    /// The encryptor goes on into the session.
    pub(super) fn into_encryptor(self) -> Encryptor {
        self.wish.encryptor
    }

    pub(super) fn handle(&mut self, answer: &Handshake<'_>, now: Instant) -> Heard {
        match (answer.step, &self.step) {
            (Step::Refused(code), _) => Heard::End(CallerEnd::from_code(code)),
            (Step::Induction, Asked::Cookie) => self.conclude(answer, now),
            (Step::Conclusion, Asked::Admission { rtt }) => self.admitted(answer, *rtt),
            // An answer that was sent twice, or one to nothing that was asked.
            (Step::Induction, Asked::Admission { .. }) | (Step::Conclusion, Asked::Cookie) => Heard::Nothing,
            (Step::Other(_), _) => Heard::Nothing,
        }
    }

    /// What is to be sent again, if it is time.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Heard {
        if self.until <= now {
            return Heard::End(CallerEnd::NoAnswer { port: self.wish.peer.port() });
        }
        if self.again_at > now {
            return Heard::Nothing;
        }
        self.again_at = now + AGAIN;
        Heard::Next(self.datagram.clone())
    }

    pub(super) fn poll_timeout(&self) -> Instant {
        self.again_at.min(self.until)
    }

    fn conclude(&mut self, answer: &Handshake<'_>, now: Instant) -> Heard {
        if answer.version != 5 || answer.extension != MAGIC {
            return Heard::End(CallerEnd::NotOurKind);
        }
        let wish = &self.wish;
        let ours = Agreement::ours(wish.latency_ms);
        let extensions = extension::write_request(ours, wish.encryptor.message(), &wish.stream_id);
        let config = if wish.stream_id.is_empty() { 0 } else { HAS_CONFIG };
        let flags = HAS_HS | HAS_KM | config;
        self.datagram = write(5, KEY_32, flags, Step::Conclusion, answer.cookie, wish, &extensions);
        self.step = Asked::Admission { rtt: now.saturating_duration_since(self.sent_at) };
        self.again_at = now + AGAIN;
        self.until = now + CONNECT_TIMEOUT;
        Heard::Next(self.datagram.clone())
    }

    fn admitted(&self, answer: &Handshake<'_>, rtt: Duration) -> Heard {
        let Some(extensions) = Extensions::parse(answer.extensions) else {
            return Heard::End(CallerEnd::NotOurKind);
        };
        let (Some(agreement), 5) = (extensions.agreement, answer.version) else {
            return Heard::End(CallerEnd::NotOurKind);
        };
        match extensions.key {
            Some(key) if key == self.wish.encryptor.message() => {}
            Some(key) => {
                return Heard::End(match KeyState::read(key) {
                    Some(KeyState::NoSecret) => CallerEnd::EncryptionRefused,
                    Some(KeyState::BadSecret) | None => CallerEnd::WrongPassphrase,
                });
            }
            None => return Heard::End(CallerEnd::EncryptionRefused),
        }
        let latency = Duration::from_millis(u64::from(agreement.receive_latency.max(self.wish.latency_ms)));
        let agreed = Agreed {
            first: self.wish.first,
            window: answer.window.max(2),
            latency,
            reads_probes: agreement.is_ours(),
            rtt,
        };
        Heard::Admitted { socket: answer.socket, agreed }
    }
}

fn write(
    version: u32,
    encryption: u16,
    extension: u16,
    step: Step,
    cookie: u32,
    wish: &Wish,
    extensions: &[u8],
) -> Bytes {
    let handshake = Handshake {
        version,
        encryption,
        extension,
        first: wish.first,
        mtu: MTU,
        window: WINDOW.max(8192),
        step,
        socket: wish.socket,
        cookie,
        address: handshake::address(wish.peer),
        extensions,
    };
    ControlPacket { timestamp: 0, to: 0, body: Control::Handshake(handshake) }.write().into()
}
