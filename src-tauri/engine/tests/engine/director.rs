//! The program itself: arguments, keys, lines, signals.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

use returnfeed_srt::CloseReason;

use crate::server::{PASSPHRASE, Server};
use crate::stage::PATIENCE;

fn director() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_returnfeed-director"));
    command.env_remove("RETURNFEED_TOKEN");
    command
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = director().args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

/// Runs two test sources into `server` and speaks JSON.
fn running(server: &Server) -> Child {
    let url = format!("srt://{}?streamid=high&passphrase={}", server.address, PASSPHRASE.replace(' ', "%20"));
    let arguments = ["--source", "test", "--source", "test", "--json", "--srt", &url];
    director().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Lines of a running director, read as they come.
struct Said {
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Said {
    fn by(child: &mut Child) -> Self {
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { lines, seen: Vec::new() }
    }

    /// Waits until a line, this one or an earlier one, holds `what`.
    fn until(&mut self, what: &str) {
        while !self.seen.iter().any(|line| line.contains(what)) {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(_) => panic!("no line says {what}: {:#?}", self.seen),
            }
        }
    }
}

#[test]
fn a_malformed_argument_ends_with_a_sentence_that_says_what_to_write() {
    assert!(
        refused(&["--source", "camera", "--srt", "srt://h:1?passphrase=0123456789"])
            .contains("is not a source")
    );
    assert!(refused(&["--source", "test"]).contains("--cloud and --session"));
    let session = "019ab0d2-7c00-7000-8000-000000000001";
    let cloud = ["--source", "test", "--cloud", "https://localhost:1", "--session", session];
    assert!(refused(&cloud).contains("--token-file"));
}

#[test]
fn keys_cut_and_quit_and_each_change_is_a_line() {
    let server = Server::start();
    let mut child = running(&server);
    let mut keys = child.stdin.take().unwrap();
    let mut said = Said::by(&mut child);
    said.until(r#"{"event":"buses","programme":1,"preview":2}"#);
    said.until(r#""source":2,"label":"Test picture","state":"live""#);
    writeln!(keys, "2").unwrap();
    said.until(r#"{"event":"buses","programme":2,"preview":1}"#);
    said.until(r#""camera":2,"name":"Camera 2","tally":"program""#);
    writeln!(keys, "q").unwrap();
    said.until(r#"{"event":"ended","reason":""}"#);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_terminated_director_says_goodbye_and_ends_well() {
    let server = Server::start();
    let mut child = running(&server);
    server.until("pictures", "high", 10, |_| true);
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    let closed = server.wait("the goodbye", |heard| heard.closed.first().cloned());
    assert_eq!(closed.1, CloseReason::PeerClosed);
}
