//! Foreign programs that request a stream of our listener.

use std::time::{Duration, Instant};

use super::server::{Answer, Server};
use super::tool::Tool;
use super::{PASSPHRASE, UNITS, address, assert_same, units};

const REQUEST: &str = "#!::m=request,r=test,layer=high";
/// Sent beyond what is looked at: the tool writes blocks of 4096 bytes to a pipe and keeps the last, unfinished one.
const MORE: u32 = 10;

fn requesting(server: &Server) -> Tool {
    requesting_with(server, "")
}

fn requesting_with(server: &Server, more: &str) -> Tool {
    let from = address(server.port, &format!("streamid={REQUEST}&passphrase={PASSPHRASE}{more}"));
    Tool::start("srt-live-transmit", &["-chunk:1316", &from, "file://con"])
}

fn whole(tool: &Tool) {
    let expected = units(UNITS);
    let deadline = Instant::now() + Duration::from_secs(30);
    while tool.output().len() < expected.len() {
        assert!(Instant::now() < deadline, "{} bytes; it says: {}", tool.output().len(), tool.errors());
        std::thread::park_timeout(Duration::from_millis(10));
    }
    assert_same(&tool.output()[..expected.len()], &expected);
}

#[test]
fn srt_live_transmit_requests() {
    let server = Server::start(Answer::Serve(PASSPHRASE, UNITS + MORE));
    let tool = requesting(&server);
    whole(&tool);
    let seen = server.seen();
    assert_eq!((seen.asked, seen.connected), (vec![REQUEST.to_owned()], 1));
}

#[test]
fn srt_live_transmit_requests_over_a_path_that_loses_five_percent() {
    let server = Server::start_lossy(Answer::Serve(PASSPHRASE, UNITS + MORE), 20);
    // Of its own 120 ms a repetition that is lost, too, may take more: 9 of 18 runs lost one packet of a thousand for good.
    whole(&requesting_with(&server, "&latency=500"));
}

#[test]
fn srt_live_transmit_requests_and_its_keys_are_changed() {
    let server = Server::start(Answer::ServeChanging(PASSPHRASE, UNITS + MORE));
    whole(&requesting(&server));
}
