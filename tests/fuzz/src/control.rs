//! An established connection and a forger of control packets who knows both socket ids: acknowledgements, requests,
//! key material, drops, goodbyes, of any content.
//!
//! Invariant: whatever is forged, what is handed up is what was sent, in order: media cannot be made up without the
//! key.

use std::time::Duration;

use crate::Script;
use crate::data::assert_in_order;
use crate::line::Line;

pub(crate) fn run(data: &[u8]) {
    let mut script = Script::new(data);
    let mut line = Line::connected();
    let mut steps = 0;
    while !script.is_over() && steps < 400 {
        steps += 1;
        let what = script.u8();
        match what % 8 {
            0 => line.send(usize::from(script.u8()) * 5),
            1 => line.bend(&mut script),
            2 => line.pass_all(),
            3 => line.wait(Duration::from_millis(u64::from(script.u8()))),
            _ => forge(&mut line, what, &mut script),
        }
    }
    assert_in_order(&line);
    line.end();
}

/// type, subtype, type-specific field, and words: any, or near the numbers in use.
fn forge(line: &mut Line, what: u8, script: &mut Script<'_>) {
    let to_listener = what & 0x80 == 0;
    let kind = script.u8();
    let (first, subtype) = if kind == 0xff { (0xff, u16::from(script.u8())) } else { (kind % 10, 0) };
    let first = if first == 0xff { 0x7fff } else { u16::from(first) };
    let mut packet = (0x8000 | first).to_be_bytes().to_vec();
    packet.extend(subtype.to_be_bytes());
    let near = line.number();
    let word = |script: &mut Script<'_>| match script.u8() {
        0xff => script.u32(),
        0xfe => 0x8000_0000 | near,
        small => near.wrapping_add(u32::from(small)).wrapping_sub(128) & 0x7fff_ffff,
    };
    packet.extend(word(script).to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(if to_listener { line.listener_socket } else { line.caller_socket });
    for _ in 0..what >> 3 & 15 {
        packet.extend(word(script).to_be_bytes());
    }
    if to_listener { line.arrive_at_listener(&packet) } else { line.arrive_at_caller(&packet) }
}
