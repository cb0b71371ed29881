//! The handshake as a listener sees it (4.3.1): who knocks, with which cookie, wanting what.
//!
//! Without memory: an induction is answered with a cookie and forgotten; a conclusion is looked at only with a
//! cookie that was sent to that address. An answer is never longer than its question.

use std::net::SocketAddr;
use std::time::Instant;

use crate::cookie::Cookies;
use crate::packet::extension::Extensions;
use crate::packet::handshake::{self, KEY_32, MAGIC, MTU, Step};
use crate::packet::{Control, ControlPacket, Handshake};
use crate::recv::WINDOW;
use crate::reject;
use crate::seq::Seq;

/// A caller that may be let in, if the application wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// The caller's socket id.
    pub(super) socket: u32,
    /// Its first packet.
    pub(super) first: Seq,
    /// Its cookie, for the answer.
    pub(super) cookie: u32,
    /// Milliseconds that it asks us to wait.
    pub(super) latency_ms: u16,
    /// Whether it is an end of this crate, whose keep-alives name its last packet.
    pub(super) names_last: bool,
    /// How its keys travel, not looked at yet.
    pub(super) keys: Vec<u8>,
    /// What it wants.
    pub(super) stream_id: String,
}

/// What to do about a knock.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Knock {
    /// Nothing.
    Ignore,
    /// Send this back and forget it.
    Answer(Vec<u8>),
    /// Ask the application.
    Ask(Question),
}

/// Looks at a handshake.
pub(super) fn knock(cookies: &Cookies, from: SocketAddr, handshake: &Handshake<'_>, now: Instant) -> Knock {
    match handshake.step {
        Step::Induction => Knock::Answer(cookie(cookies.bake(from, now), from, handshake)),
        Step::Conclusion if cookies.knows(handshake.cookie, from, now) => match question(handshake) {
            Ok(question) => Knock::Ask(question),
            Err(code) => Knock::Answer(refusal(handshake.socket, handshake.cookie, code)),
        },
        Step::Conclusion | Step::Refused(_) | Step::Other(_) => Knock::Ignore,
    }
}

fn cookie(cookie: u32, from: SocketAddr, handshake: &Handshake<'_>) -> Vec<u8> {
    write(Handshake {
        version: 5,
        encryption: KEY_32,
        extension: MAGIC,
        step: Step::Induction,
        cookie,
        address: handshake::address(from),
        extensions: &[],
        ..*handshake
    })
}

fn question(handshake: &Handshake<'_>) -> Result<Question, u32> {
    if handshake.version != 5 {
        return Err(reject::VERSION);
    }
    let extensions = Extensions::parse(handshake.extensions).ok_or(reject::ROGUE)?;
    let agreement = extensions.agreement.ok_or(reject::ROGUE)?;
    if agreement.is_stream() {
        return Err(reject::MESSAGE_API);
    }
    if extensions.foreign_congestion {
        return Err(reject::CONGESTION);
    }
    if extensions.filter {
        return Err(reject::FILTER);
    }
    if extensions.group {
        return Err(reject::GROUP);
    }
    Ok(Question {
        socket: handshake.socket,
        first: handshake.first,
        cookie: handshake.cookie,
        latency_ms: agreement.send_latency,
        names_last: agreement.is_ours(),
        keys: extensions.key.ok_or(reject::UNSECURE)?.to_vec(),
        stream_id: extensions.stream_id.unwrap_or_default(),
    })
}

/// Turns a caller away.
pub(super) fn refusal(socket: u32, cookie: u32, code: u32) -> Vec<u8> {
    write(Handshake {
        version: 5,
        encryption: 0,
        extension: 0,
        first: Seq::new(0),
        mtu: MTU,
        window: WINDOW,
        step: Step::Refused(code),
        socket,
        cookie,
        address: [0; 16],
        extensions: &[],
    })
}

/// Lets a caller in: `socket` is ours.
pub(super) fn welcome(
    question: &Question,
    from: SocketAddr,
    socket: u32,
    flags: u16,
    extensions: &[u8],
) -> Vec<u8> {
    let handshake = Handshake {
        version: 5,
        encryption: KEY_32,
        extension: flags,
        first: question.first,
        mtu: MTU,
        window: WINDOW,
        step: Step::Conclusion,
        socket,
        cookie: question.cookie,
        address: handshake::address(from),
        extensions,
    };
    ControlPacket { timestamp: 0, to: question.socket, body: Control::Handshake(handshake) }.write()
}

/// An answer to the one whose socket id stands in it.
fn write(handshake: Handshake<'_>) -> Vec<u8> {
    ControlPacket { timestamp: 0, to: handshake.socket, body: Control::Handshake(handshake) }.write()
}
