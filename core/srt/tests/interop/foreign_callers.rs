//! Foreign callers to our listener.

use std::time::Duration;

use returnfeed_srt::CloseReason;

use super::server::{Answer, Server};
use super::tool::Tool;
use super::{PASSPHRASE, STREAM_ID, UNITS, address, assert_same, units};

fn secret(more: &str) -> String {
    format!("streamid={STREAM_ID}&passphrase={PASSPHRASE}{more}")
}

fn whole(server: &Server, expected: &[u8]) {
    let seen = server.wait("everything arrives", |seen| seen.bytes.len() >= expected.len());
    assert_same(&seen.bytes, expected);
    assert_eq!((seen.lost, seen.connected), (0, 1));
    assert_eq!(seen.asked, [STREAM_ID]);
    assert_eq!(seen.stats.undecryptable_packets, 0);
}

#[test]
fn srt_live_transmit_pushes_with_key_length_32_and_with_none() {
    for key_length in ["&pbkeylen=32", ""] {
        let server = Server::start(Answer::Accept(PASSPHRASE));
        let to = address(server.port, &secret(key_length));
        let mut tool = Tool::start("srt-live-transmit", &["-chunk:1316", "file://con", &to]);
        tool.feed(0..UNITS);
        whole(&server, &units(UNITS));
        let stats = server.seen().stats;
        assert!(!stats.rtt.is_zero() && stats.rtt < Duration::from_millis(50), "{stats:?}");
        assert!(stats.bits_per_second > 1_000_000, "{stats:?}");
        drop(tool);
    }
}

#[test]
fn srt_live_transmit_pushes_over_a_path_that_loses_five_percent() {
    let server = Server::start_lossy(Answer::Accept(PASSPHRASE), 20);
    let to = address(server.port, &secret("&pbkeylen=32"));
    let mut tool = Tool::start("srt-live-transmit", &["-chunk:1316", "file://con", &to]);
    // A lost tail shows only with what comes later: libsrt proves none.
    tool.feed(0..UNITS + 50);
    let seen = server.wait("everything arrives", |seen| seen.bytes.len() >= units(UNITS).len());
    assert_same(&seen.bytes[..units(UNITS).len()], &units(UNITS));
    assert_eq!(seen.lost, 0);
    assert!(seen.stats.lost_packets > 20 && seen.stats.repeated_packets > 20, "{:?}", seen.stats);
}

#[test]
fn srt_live_transmit_changes_its_key_while_it_pushes() {
    let server = Server::start(Answer::Accept(PASSPHRASE));
    let to = address(server.port, &secret("&pbkeylen=32&kmrefreshrate=200&kmpreannounce=50"));
    let mut tool = Tool::start("srt-live-transmit", &["-chunk:1316", "file://con", &to]);
    tool.feed(0..UNITS);
    whole(&server, &units(UNITS));
    assert!(server.seen().stats.key_changes >= 4, "{:?}", server.seen().stats);
}

fn srtsink(port: u16) -> Tool {
    let uri = format!("uri=srt://127.0.0.1:{port}");
    let stream_id = format!("streamid=\"{STREAM_ID}\"");
    let passphrase = format!("passphrase=\"{PASSPHRASE}\"");
    let source = ["-q", "fdsrc", "fd=0", "blocksize=1316", "!", "srtsink"];
    Tool::start("gst-launch-1.0", &[&source[..], &[&uri, &stream_id, &passphrase, "pbkeylen=32"]].concat())
}

#[test]
fn gstreamer_srtsink_pushes() {
    let server = Server::start(Answer::Accept(PASSPHRASE));
    let mut tool = srtsink(server.port);
    tool.feed(0..UNITS);
    whole(&server, &units(UNITS));
}

#[test]
fn ffmpeg_pushes_and_says_goodbye() {
    let server = Server::start(Answer::Accept(PASSPHRASE));
    let folder = std::env::temp_dir().join(format!("returnfeed-srt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sent.ts");
    let to = address(server.port, &secret("&pbkeylen=32&pkt_size=1316"));
    let both = format!("[f=mpegts]{}|[f=mpegts]{}", file.display(), to.replace('&', "\\&"));
    let source = "testsrc2=size=320x180:rate=30:duration=3";
    let mut arguments = vec!["-hide_banner", "-loglevel", "warning", "-re", "-f", "lavfi", "-i", source];
    arguments.extend([
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "30",
        "-map",
        "0:v",
        "-f",
        "tee",
        &both,
    ]);
    let tool = Tool::start("ffmpeg", &arguments);
    server.wait(&format!("ffmpeg ends: {}", tool.errors()), |seen| seen.closed == [CloseReason::PeerClosed]);
    let sent = std::fs::read(&file).unwrap();
    let seen = server.seen();
    // libsrt says goodbye without waiting for what it has still to send, so the last packets may be missing.
    assert!(seen.bytes.len() > 200_000 && seen.bytes.len() > sent.len() * 9 / 10, "of {}", sent.len());
    assert_same(&seen.bytes, &sent[..seen.bytes.len()]);
    assert_eq!((seen.lost, seen.stats.undecryptable_packets), (0, 0));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn libsrt_callers_come_back_after_the_server_was_killed() {
    let live_transmit = |port| {
        let to = address(port, &secret("&pbkeylen=32"));
        Tool::start("srt-live-transmit", &["-chunk:1316", "file://con", &to])
    };
    for start in [&live_transmit as &dyn Fn(u16) -> Tool, &srtsink] {
        let server = Server::start(Answer::Accept(PASSPHRASE));
        let port = server.port;
        let mut tool = start(port);
        tool.feed(0..100);
        server.wait("it pushes", |seen| !seen.bytes.is_empty());
        drop(server);
        let server = Server::start_on(port, Answer::Accept(PASSPHRASE));
        let mut n = 100;
        while server.seen().bytes.is_empty() {
            assert!(n < 10_000, "it does not come back: {}", tool.errors());
            tool.feed(n..n + 10);
            n += 10;
        }
        assert_eq!(server.seen().connected, 1);
    }
}
