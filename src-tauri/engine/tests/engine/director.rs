//! The program itself: arguments, keys, lines, signals.

use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

use returnfeed_srt::CloseReason;

use crate::server::{PASSPHRASE, Server};
use crate::stage::PATIENCE;

pub(crate) fn director() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_returnfeed-director"));
    // What a user has is theirs.
    command.env_remove("RETURNFEED_TOKEN").env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = director().args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

/// Runs two test sources into `server` and speaks JSON.
fn running(server: &Server) -> Child {
    running_with(server, &[])
}

pub(crate) fn running_with(server: &Server, more: &[&str]) -> Child {
    let url = format!("srt://{}?streamid=high&passphrase={}", server.address, PASSPHRASE.replace(' ', "%20"));
    let arguments = ["--source", "test", "--source", "test", "--json", "--srt", &url];
    director().args(arguments).args(more).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Lines of a running director, read as they come.
pub(crate) struct Said {
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Said {
    pub(crate) fn by(child: &mut Child) -> Self {
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { lines, seen: Vec::new() }
    }

    /// Forgets what was said so far.
    pub(crate) fn forget(&mut self) {
        self.seen.clear();
    }

    /// Waits until a line, this one or an earlier one, holds `what`.
    pub(crate) fn until(&mut self, what: &str) {
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

/// A show of two named cameras whose programme goes to `server`.
fn show(folder: &Path, server: &Server) -> PathBuf {
    std::fs::create_dir(folder.join("secrets")).unwrap();
    std::fs::write(folder.join("secrets/truck"), PASSPHRASE).unwrap();
    let test = |name: &str, camera: u16| serde_json::json!({ "name": name, "camera": camera, "input": { "kind": "test" } });
    let target = serde_json::json!({
        "kind": "srt", "host": "127.0.0.1", "port": server.address.port(), "stream_id": "high",
        "passphrase": { "secret": "truck" },
    });
    let show = serde_json::json!({
        "returnfeed_show": 1,
        "name": "저녁 예배",
        "sources": [test("Wide", 7), test("Crane", 8)],
        "outputs": [{ "layer": "high", "target": target }],
    });
    let file = folder.join("evening.json");
    std::fs::write(&file, show.to_string()).unwrap();
    file
}

#[test]
fn a_show_file_starts_its_sources_cameras_and_outputs_and_names_the_recording() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let file = show(folder.path(), &server);
    let films = folder.path().join("films");
    let mut command = director();
    command.arg("--show").arg(file).arg("--secrets").arg(folder.path().join("secrets"));
    command.arg("--recordings").arg(&films).arg("--json");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut keys = child.stdin.take().unwrap();
    let mut said = Said::by(&mut child);
    said.until(r#""source":1,"label":"Wide","state":"live""#);
    said.until(r#""camera":8"#);
    server.until("pictures", "high", 30, |_| true);
    writeln!(keys, "v1").unwrap();
    said.until(r#""event":"recording","state":"running""#);
    writeln!(keys, "q").unwrap();
    said.until(r#"{"event":"ended","reason":""}"#);
    assert!(child.wait().unwrap().success());
    let name = std::fs::read_dir(films).unwrap().next().unwrap().unwrap().file_name();
    assert!(name.to_str().unwrap().starts_with("저녁 예배 20"), "{name:?}");
}

#[test]
fn a_killed_director_is_back_by_itself_with_the_same_programme_and_recording() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let films = folder.path().join("films");
    let standing = folder.path().join("standing.json");
    let more = ["--keep", standing.to_str().unwrap(), "--recordings", films.to_str().unwrap()];
    let mut parent = running_with(&server, &more);
    let mut keys = parent.stdin.take().unwrap();
    let mut said = Said::by(&mut parent);
    said.until(r#"{"event":"buses","programme":1,"preview":2}"#);
    said.until(r#""source":2,"label":"Test picture","state":"live""#);
    writeln!(keys, "2").unwrap();
    said.until(r#"{"event":"buses","programme":2,"preview":1}"#);
    writeln!(keys, "v1").unwrap();
    said.until(r#""event":"recording","state":"running""#);
    while !std::fs::read_to_string(&standing).is_ok_and(|kept| kept.contains(r#""recording":true"#)) {
        std::thread::yield_now();
    }
    said.forget();
    let children = format!("/proc/{0}/task/{0}/children", parent.id());
    let child = std::fs::read_to_string(children).unwrap();
    let killed = std::time::Instant::now();
    assert!(Command::new("kill").args(["-KILL", child.trim()]).status().unwrap().success());
    said.until(r#"{"event":"buses","programme":2,"preview":1}"#);
    println!("back on the buses after {} ms", killed.elapsed().as_millis());
    assert!(
        !said.seen.iter().any(|line| line.contains(r#""programme":1,"#)),
        "never another programme: {:?}",
        said.seen
    );
    said.until(r#""event":"recording","state":"running""#);
    let before = server.wait("now", |heard| Some(heard.arrivals.len()));
    server.wait("pictures again", |heard| (heard.arrivals.len() > before + 60).then_some(()));
    assert!(Command::new("kill").args(["-TERM", &parent.id().to_string()]).status().unwrap().success());
    assert!(parent.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(films).unwrap().count(), 2, "a file of each run");
    assert!(!standing.exists(), "what was told to end is not come back to");
}

#[test]
fn shows_are_taken_from_a_file_listed_and_written_into_another() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let file = show(folder.path(), &server);
    let shows = |arguments: &[&str]| {
        let out = director()
            .arg("shows")
            .arg("--folder")
            .arg(folder.path().join("shows"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let id = shows(&["import", file.to_str().unwrap()]);
    assert_eq!(shows(&["list"]), format!("{}  저녁 예배: saved here\n", id.trim()));
    let copy = folder.path().join("copy.json");
    shows(&["export", id.trim(), copy.to_str().unwrap()]);
    assert_eq!(std::fs::read(copy).unwrap(), std::fs::read(file).unwrap());
}

/// Asks the control port, and gives the status and the body.
fn ask(port: u16, head: &str, token: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[test]
fn another_program_with_the_token_cuts_and_reads_what_is_on_air() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "correct-horse-battery\n").unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let control = format!("127.0.0.1:{port}");
    let more = ["--control-token-file", token.to_str().unwrap(), "--control", &control];
    let mut child = running_with(&server, &more);
    let mut keys = child.stdin.take().unwrap();
    let mut said = Said::by(&mut child);
    said.until(r#"{"event":"buses","programme":1,"preview":2}"#);
    let right = "correct-horse-battery";
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
    let (status, _) = ask(port, "POST /command", "wrong", r#"{"do":"cut","source":2}"#);
    assert!(status.contains("401"), "{status}");
    let (status, body) = ask(port, "POST /command", right, r#"{"do":"explode"}"#);
    assert!(status.contains("400") && body.contains("explode"), "{status} {body}");
    let (status, _) = ask(port, "POST /command", right, r#"{"do":"cut","source":2}"#);
    assert!(status.contains("202"), "{status}");
    said.until(r#"{"event":"buses","programme":2,"preview":1}"#);
    let (_, body) = ask(port, "GET /state", right, "");
    assert!(body.contains(r#"{"event":"buses","programme":2,"preview":1}"#), "{body}");
    writeln!(keys, "q").unwrap();
    assert!(child.wait().unwrap().success());
}
