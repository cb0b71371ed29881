//! One PID's PES packets: put together from payloads, ended as early as can be known, dropped when damaged.
//!
//! Invariant: a packet is handed over whole or not at all, as far as counters and lengths can tell. What they
//! cannot tell, a loss of 16 packets of one PID in a row, is for [`Assembler::lose`].
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

use std::mem;

use bytes::{Bytes, BytesMut};

use super::DiscontinuityCause as Cause;
use super::ending::{Sign, Signs};
use crate::MAX_UNIT;
use crate::ts::BODY;
use crate::ts::packet::Packet;
use crate::ts::pes::{self, Header, HeaderError};

/// Room made before a unit's size is known: most are smaller, and a keyframe may grow its own.
const USUAL: usize = 8 * 1024;

/// What comes out.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A whole PES packet's stamps and content.
    Pes { pts: Option<u64>, dts: Option<u64>, body: Bytes },
    /// Something is missing before whatever comes next.
    Gap(Cause),
}

#[derive(Debug, Default)]
enum State {
    /// Nothing can be used until a unit starts.
    #[default]
    Seeking,
    /// A unit is open; its header is `None` until enough of it has come.
    Filling { bytes: BytesMut, header: Option<Header> },
    /// The unit has ended; more of it would be a contradiction.
    Ended(Sign),
}

/// Assembles one PID.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    state: State,
    signs: Signs,
    counter: Option<u8>,
    /// The last payload, to know a packet that is sent twice (2.4.3.3 allows one repetition).
    last: Vec<u8>,
    /// Room for the next unit: what the last one took, within reason.
    expected: usize,
}

enum Continuity {
    Follows,
    Repeated,
    Broken,
}

impl Assembler {
    /// Takes one packet of the PID.
    pub(crate) fn push(&mut self, packet: &Packet<'_>, out: &mut Vec<Piece>) {
        if packet.damaged {
            self.lose(Cause::Damaged, out);
            return;
        }
        if packet.announced_jump {
            self.drop_open(Cause::Lost, out);
            self.counter = None;
        }
        let Some(payload) = packet.payload else { return };
        match self.continuity(packet.counter, payload) {
            Continuity::Follows => {}
            Continuity::Repeated => return,
            Continuity::Broken => self.lose(Cause::Lost, out),
        }
        self.signs.handle_packet(packet.starts);
        if packet.starts {
            self.end_at_next(out);
            let bytes = BytesMut::with_capacity(self.expected.saturating_add(BODY));
            self.state = State::Filling { bytes, header: None };
        }
        self.extend(payload, out);
        if packet.stuffed && self.signs.believes_stuffing() {
            self.end_open(Sign::Stuffing, out);
        }
    }

    /// The message that carried the last packets was shorter than it could have been.
    pub(crate) fn handle_short_message(&mut self, out: &mut Vec<Piece>) {
        self.signs.handle_short();
        if self.signs.believes_short() {
            self.end_open(Sign::ShortMessage, out);
        }
    }

    /// Packets are missing here.
    pub(crate) fn lose(&mut self, cause: Cause, out: &mut Vec<Piece>) {
        if !matches!(self.state, State::Seeking) {
            self.state = State::Seeking;
            out.push(Piece::Gap(cause));
        }
    }

    /// Only the unit that is open is spoilt, if one is.
    fn drop_open(&mut self, cause: Cause, out: &mut Vec<Piece>) {
        if matches!(self.state, State::Filling { .. }) {
            self.lose(cause, out);
        }
    }

    fn continuity(&mut self, counter: u8, payload: &[u8]) -> Continuity {
        let before = self.counter.replace(counter);
        let repeated = before == Some(counter) && self.last == payload;
        let follows = before.is_none_or(|before| before.wrapping_add(1) & 0x0f == counter);
        self.last.clear();
        self.last.extend_from_slice(payload);
        match (repeated, follows) {
            (true, _) => Continuity::Repeated,
            (false, true) => Continuity::Follows,
            (false, false) => Continuity::Broken,
        }
    }

    fn extend(&mut self, payload: &[u8], out: &mut Vec<Piece>) {
        let (bytes, header) = match &mut self.state {
            State::Filling { bytes, header } => (bytes, header),
            State::Seeking => return,
            State::Ended(_) if payload.iter().all(|byte| *byte == 0xff) => return,
            State::Ended(sign) => {
                self.signs.handle_lie(*sign);
                self.lose(Cause::EndMistaken, out);
                return;
            }
        };
        bytes.extend_from_slice(payload);
        if header.is_none() {
            match pes::parse(bytes) {
                Ok(read) if self.signs.believes_length() => *header = Some(read),
                Ok(read) => *header = Some(Header { total: None, ..read }),
                Err(HeaderError::Short) => {}
                Err(HeaderError::Malformed) => return self.lose(Cause::Damaged, out),
            }
        }
        match header.and_then(|header| header.total) {
            Some(total) if bytes.len() >= total => self.finish(Sign::Length, out),
            Some(_) => {}
            None if bytes.len() > MAX_UNIT => self.lose(Cause::TooLarge, out),
            None => {}
        }
    }

    /// The next unit starts: the open one has ended, whole if its length was left open.
    fn end_at_next(&mut self, out: &mut Vec<Piece>) {
        self.end_open(Sign::Length, out);
        self.drop_open(Cause::Lost, out);
    }

    /// A unit without a length ends by `sign`; one with a length is known to be incomplete and stays open.
    fn end_open(&mut self, sign: Sign, out: &mut Vec<Piece>) {
        if matches!(self.state, State::Filling { header: Some(Header { total: None, .. }), .. }) {
            self.finish(sign, out);
        }
    }

    fn finish(&mut self, sign: Sign, out: &mut Vec<Piece>) {
        let State::Filling { mut bytes, header: Some(header) } =
            mem::replace(&mut self.state, State::Ended(sign))
        else {
            return;
        };
        bytes.truncate(header.total.unwrap_or(usize::MAX));
        self.expected = bytes.len().min(USUAL);
        let body = bytes.freeze().slice(header.body_at..);
        out.push(Piece::Pes { pts: header.pts, dts: header.dts, body });
    }
}
