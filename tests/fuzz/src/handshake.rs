//! Handshakes: a stranger's of any content, with a cookie that was given to it or not; and a caller of ours whose
//! datagrams are damaged on their way, in both directions.
//!
//! Invariant: who has not proved its address gets no more bytes than it sent, but for the one answer that holds the
//! cookie; and nothing that a stranger says connects it.

use std::net::SocketAddr;
use std::time::Duration;

use returnfeed_srt::Refusal;

use crate::Script;
use crate::line::{Line, PASSPHRASE};

/// A handshake without extensions: 16 bytes of header, 48 of fields.
const PLAIN: usize = 64;
/// Derivations of keys that one input may cost.
const MOST_ACCEPTED: u8 = 2;

pub(crate) fn run(data: &[u8]) {
    let mut script = Script::new(data);
    let mut line = Line::new();
    let (mut cookie, mut accepted, mut steps) = (0, 0, 0);
    while !script.is_over() && steps < 200 {
        steps += 1;
        let what = script.u8();
        match what % 8 {
            0 => cookie = shake(&mut line, what, 4, 1, 0, &[]).unwrap_or(cookie),
            1 | 2 => {
                let (version, kind) = (script.u8(), script.u8());
                let kind = if kind == 0 { 0xffff_ffff } else { u32::from(kind) << (what >> 5) };
                let count = usize::from(script.u8());
                let given = if what & 0x10 == 0 { cookie } else { script.u32() };
                shake(&mut line, what, u32::from(version % 8), kind, given, script.take(count));
            }
            3 => stranger(&mut line, what, script.take(usize::from(what) * 2)),
            4 => line.bend_and_break(&mut script),
            5 => line.wait(Duration::from_millis(u64::from(script.u8()) * 8)),
            6 => line.pass_all(),
            _ if accepted < MOST_ACCEPTED => {
                accepted += 1;
                answer(&mut line, what);
            }
            _ => {}
        }
    }
    assert!(line.delivered.is_empty(), "nobody sent anything");
    line.end();
}

/// The application makes up its mind about the one who waits longest.
fn answer(line: &mut Line, what: u8) {
    match what >> 3 & 3 {
        0 | 1 => line.accept(PASSPHRASE),
        2 => line.accept("another passphrase"),
        _ => {
            if let Some(asked) = line.asked.pop_front() {
                line.listener.refuse(asked, Refusal::SessionUnknown, line.now);
                line.collect();
            }
        }
    }
}

fn stranger_address(what: u8) -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 1 + (what >> 3 & 3)], 9_000))
}

/// A handshake of a stranger; the cookie in the answer, if there is one.
fn shake(line: &mut Line, what: u8, version: u32, kind: u32, cookie: u32, blocks: &[u8]) -> Option<u32> {
    let mut packet = vec![0x80; 1];
    packet.resize(16, 0);
    packet.extend(version.to_be_bytes());
    packet.extend([0, what >> 5]);
    packet.extend([0, if blocks.is_empty() { 2 } else { 5 }]);
    for word in [77, 1_500, 8_192, kind, 4_242, cookie, 0, 0, 0, 0] {
        packet.extend(u32::to_be_bytes(word));
    }
    packet.extend(blocks);
    let answers = ask(line, what, &packet);
    answers.first().and_then(|answer| answer.get(44..48)?.try_into().ok()).map(u32::from_be_bytes)
}

fn stranger(line: &mut Line, what: u8, bytes: &[u8]) {
    ask(line, what, bytes);
}

fn ask(line: &mut Line, what: u8, packet: &[u8]) -> Vec<bytes::Bytes> {
    let from = stranger_address(what);
    line.listener.handle_datagram(from, packet, line.now);
    let answers: Vec<_> = std::iter::from_fn(|| line.listener.poll_transmit())
        .filter(|transmit| transmit.to == from)
        .map(|transmit| transmit.data)
        .collect();
    let bytes: usize = answers.iter().map(bytes::Bytes::len).sum();
    assert!(bytes <= packet.len().max(PLAIN), "{bytes} bytes for {}", packet.len());
    line.collect();
    answers
}
