//! Each refusal of docs/protocol.md: its code on the wire, and libsrt's own words for it.

use returnfeed_srt::{CloseReason, Refusal};

use super::server::{Answer, Server};
use super::tool::Tool;
use super::{PASSPHRASE, STREAM_ID, address};

/// What libsrt makes of a code.
const BAD_SECRET: &str = "Incorrect passphrase";
const UNSECURE: &str = "Password required or unexpected";
const OURS: &str = "Application-defined rejection reason";

fn call(server: &Server, secret: &str) -> Tool {
    let to = address(server.port, &format!("streamid={STREAM_ID}{secret}"));
    Tool::start("srt-live-transmit", &["-autoreconnect:no", "file://con", &to])
}

#[test]
fn every_refusal_reaches_libsrt_with_its_code() {
    for refusal in Refusal::ALL {
        let server = Server::start(Answer::Refuse(refusal));
        let tool = call(&server, &format!("&passphrase={PASSPHRASE}&pbkeylen=32"));
        tool.says(OURS);
        assert_eq!(server.seen().refused.first(), Some(&refusal.code()));
    }
}

#[test]
fn a_wrong_passphrase_is_1010() {
    let server = Server::start(Answer::Accept(PASSPHRASE));
    let tool = call(&server, "&passphrase=quite another passphrase&pbkeylen=32");
    tool.says(BAD_SECRET);
    let seen = server.wait("both ends know", |seen| seen.closed.first() == Some(&CloseReason::WrongKey));
    assert_eq!(seen.refused.first(), Some(&1010));
}

#[test]
fn no_passphrase_is_1011_and_nobody_is_asked() {
    let server = Server::start(Answer::Accept(PASSPHRASE));
    let tool = call(&server, "");
    tool.says(UNSECURE);
    let seen = server.seen();
    assert_eq!(seen.refused.first(), Some(&1011));
    assert!(seen.asked.is_empty());
}

#[test]
fn shorter_keys_are_1010_and_named_by_their_length() {
    for bytes in [16_u8, 24] {
        let server = Server::start(Answer::Accept(PASSPHRASE));
        let tool = call(&server, &format!("&passphrase={PASSPHRASE}&pbkeylen={bytes}"));
        tool.says(BAD_SECRET);
        let named = CloseReason::ShortKey { bytes };
        let seen = server.wait("it is named", |seen| seen.closed.first() == Some(&named));
        assert_eq!(seen.refused.first(), Some(&1010));
    }
}
