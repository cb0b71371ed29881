//! Our caller to foreign listeners.

use std::time::{Duration, Instant};

use returnfeed_srt::CallerEnd;

use super::push::{self, Push};
use super::tool::Tool;
use super::{Loss, PASSPHRASE, UNITS, address, assert_same, free_port, units};

/// Units that fill a program's output buffer.
const BEYOND: u32 = 16;

fn live_transmit(port: u16) -> Tool {
    let from = address(port, &format!("mode=listener&passphrase={PASSPHRASE}&pbkeylen=32&latency=60"));
    Tool::start("srt-live-transmit", &["-chunk:1316", &from, "file://con"])
}

/// What was pushed beyond the expected only moves the rest out of the program's own output buffer.
fn whole(push: &mut Push, tool: &Tool, expected: &[u8]) {
    let deadline = Instant::now() + Duration::from_secs(10);
    // What was sent last may be there, and its acknowledgement not yet here.
    let is_over = |push: &Push| {
        tool.output().len() >= expected.len() && push.caller.stats().unacknowledged_packets == 0
    };
    while !is_over(push) && Instant::now() < deadline {
        push.run(Duration::from_millis(20), |_| false);
    }
    let mut output = tool.output();
    output.truncate(expected.len());
    assert_same(&output, expected);
    assert_eq!(push.end, None);
    let stats = push.caller.stats();
    assert_eq!((stats.unacknowledged_packets, stats.dropped_packets), (0, 0), "{stats:?}");
    assert!(stats.rtt < Duration::from_millis(50), "{stats:?}");
}

#[test]
fn we_push_to_srt_live_transmit() {
    let port = free_port();
    let tool = live_transmit(port);
    let mut push = push::connect(port);
    push.send(0..UNITS + BEYOND);
    whole(&mut push, &tool, &units(UNITS));
}

#[test]
fn we_push_over_a_path_that_loses_five_percent() {
    let port = free_port();
    let tool = live_transmit(port);
    let mut push = push::connect(port);
    push.loss = Loss::new(20);
    push.send(0..UNITS + BEYOND);
    whole(&mut push, &tool, &units(UNITS));
    let stats = push.caller.stats();
    assert!(stats.lost_packets > 20 && stats.repeated_packets > 20, "{stats:?}");
}

#[test]
fn we_push_to_gstreamer_srtsrc() {
    let port = free_port();
    let uri = format!("uri=srt://127.0.0.1:{port}?mode=listener");
    let passphrase = format!("passphrase=\"{PASSPHRASE}\"");
    let arguments = ["-q", "srtsrc", &uri, &passphrase, "pbkeylen=32", "latency=60", "!", "fdsink", "fd=1"];
    let tool = Tool::start("gst-launch-1.0", &arguments);
    let mut push = push::connect(port);
    push.send(0..UNITS + BEYOND);
    whole(&mut push, &tool, &units(UNITS));
}

#[test]
fn we_change_our_key_while_libsrt_listens() {
    let port = free_port();
    let tool = live_transmit(port);
    let mut push = push::connect(port);
    push.caller.change_keys_every(150);
    push.send(0..UNITS + BEYOND);
    whole(&mut push, &tool, &units(UNITS));
    assert!(push.caller.stats().key_changes >= 6, "{:?}", push.caller.stats());
}

#[test]
fn we_notice_that_a_server_was_killed_and_come_back_to_the_next_one() {
    let port = free_port();
    let mut tool = live_transmit(port);
    let mut push = push::connect(port);
    push.send(0..50);
    tool.kill();
    push.run(Duration::from_secs(8), |push| push.end.is_some());
    assert_eq!(push.end, Some(CallerEnd::PeerGone));
    let tool = live_transmit(port);
    let mut push = push::connect(port);
    push.send(0..200 + BEYOND);
    whole(&mut push, &tool, &units(200));
}

#[test]
fn a_libsrt_listener_with_another_passphrase_or_none_is_named() {
    let cases = [
        ("&passphrase=quite another passphrase&pbkeylen=32", CallerEnd::WrongPassphrase),
        ("", CallerEnd::EncryptionRefused),
    ];
    for (more, expected) in cases {
        let port = free_port();
        let from = address(port, &format!("mode=listener{more}"));
        let _tool = Tool::start("srt-live-transmit", &[&from, "file://con"]);
        let deadline = Instant::now() + Duration::from_secs(15);
        let end = loop {
            let mut push = Push::start(port, PASSPHRASE);
            push.run(Duration::from_millis(700), |push| push.end.is_some());
            if let Some(end) = push.end {
                break end;
            }
            assert!(Instant::now() < deadline, "no answer");
        };
        assert_eq!(end, expected);
    }
}
