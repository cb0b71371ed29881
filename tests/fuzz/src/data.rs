//! An established connection on a bad line: packets lost, doubled, late, out of order, and data packets of a
//! forger who knows the socket id and not the key.
//!
//! Invariant: without forgery, what is handed up is what was sent, each message once and in order.

use std::time::Duration;

use crate::Script;
use crate::line::Line;

pub(crate) fn run(data: &[u8]) {
    let mut script = Script::new(data);
    let mut line = Line::connected();
    if script.u8() & 1 == 1 {
        line.caller.change_keys_every(32);
    }
    let mut forged = false;
    let mut steps = 0;
    while !script.is_over() && steps < 400 {
        steps += 1;
        let what = script.u8();
        match what % 8 {
            0 | 1 => line.send(usize::from(script.u16() % 1_400)),
            2 => (0..=what >> 5).for_each(|_| line.send(1_316)),
            3 | 4 => line.bend(&mut script),
            5 => line.pass_all(),
            6 => line.wait(Duration::from_millis(u64::from(script.u8()))),
            _ => {
                forged = true;
                forge(&mut line, what, &mut script);
            }
        }
    }
    if !forged {
        assert_in_order(&line);
    }
    line.end();
}

/// A data packet with a number near the true ones.
fn forge(line: &mut Line, what: u8, script: &mut Script<'_>) {
    let Some(genuine) = line.last_data.clone() else { return };
    let mut packet = genuine.to_vec();
    let number = u32::from_be_bytes([packet[0], packet[1], packet[2], packet[3]]);
    let offset = script.u16();
    let near = number.wrapping_add(u32::from(offset)).wrapping_sub(256) & 0x7fff_ffff;
    packet[..4].copy_from_slice(&near.to_be_bytes());
    if what & 0x10 != 0 {
        packet[4] = script.u8();
    }
    let payload = script.take(usize::from(what >> 5) * 8);
    packet.truncate(16);
    packet.extend(payload);
    line.arrive_at_listener(&packet);
}

/// Numbers that only go up, and the bytes that were sent under them.
pub(crate) fn assert_in_order(line: &Line) {
    let mut next = 0;
    for message in &line.delivered {
        let (number, rest) = message.split_first_chunk::<4>().expect("no message of ours is shorter");
        let number = u32::from_be_bytes(*number);
        assert!(number >= next && number < line.sent, "{number} after {next} of {}", line.sent);
        assert!(rest.iter().all(|byte| *byte == 0x5a), "message {number} is not as it was sent");
        next = number + 1;
    }
}
