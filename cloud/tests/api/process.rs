//! The real process: its ports, its signals, its sentences when it cannot start.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use crate::cloud::Client;
use crate::postgres;
use crate::socket::DEADLINE;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_returnfeed-cloud");

/// A server process that ends with its test.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) ready: Ready,
    pub(crate) dir: TempDir,
    log: Option<std::thread::JoinHandle<()>>,
    said: Arc<Mutex<String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Ready {
    pub(crate) https_port: u16,
    pub(crate) srt_port: u16,
    pub(crate) webrtc_ports: Vec<u16>,
    pub(crate) metrics_port: u16,
    pub(crate) cert_path: PathBuf,
}

/// Arguments of a server on free ports of loopback with its data in this directory; `own` ones go first.
pub(crate) fn serve_arguments(dir: &Path, own: &[&str]) -> Vec<String> {
    let path = |name: &str| dir.join(name).display().to_string();
    let defaults = [
        ("--listen", "127.0.0.1".to_owned()),
        ("--https-port", "0".to_owned()),
        ("--srt-port", "0".to_owned()),
        ("--webrtc-port", "0".to_owned()),
        ("--metrics", "127.0.0.1:0".to_owned()),
        ("--data-dir", path("data")),
        ("--database-url", database_url(dir)),
        ("--ready-file", path("ready.json")),
    ];
    let mut arguments = vec!["serve".to_owned()];
    arguments.extend(own.iter().map(|&argument| argument.to_owned()));
    for (flag, value) in defaults.into_iter().filter(|(flag, _)| !own.contains(flag)) {
        arguments.extend([flag.to_owned(), value]);
    }
    arguments
}

/// The database of a server with its data in this directory.
pub(crate) fn database_url(dir: &Path) -> String {
    if postgres::asked_for() {
        return postgres::shared().address(&postgres::name_for(dir));
    }
    "sqlite:returnfeed.db".to_owned()
}

/// A command without the settings of whoever runs the tests.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RETURNFEED_") {
            command.env_remove(name);
        }
    }
    command
}

impl Process {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut server = command(BINARY);
        server.args(serve_arguments(dir.path(), arguments));
        Self::spawn(server, dir)
    }

    /// Runs a command that becomes the server, and waits for its first line.
    pub(crate) fn spawn(mut server: Command, dir: TempDir) -> Self {
        let mut child = server.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, first_line) = mpsc::channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = said.send(line); // nobody reads the later ones
            }
        });
        let stderr = child.stderr.take().unwrap();
        let heard: Arc<Mutex<String>> = Arc::default();
        let said_so_far = Arc::clone(&heard);
        let log = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                let mut heard = said_so_far.lock().unwrap();
                heard.push_str(&line.unwrap());
                heard.push('\n');
            }
        });
        let Ok(line) = first_line.recv_timeout(DEADLINE) else {
            child.kill().unwrap();
            log.join().unwrap();
            panic!("the server did not start: {}", heard.lock().unwrap());
        };
        assert!(line.starts_with("ReturnFeed is ready"), "{line}");
        // The ready file is written right after the line; the setup token's lines may stand between.
        let path = dir.path().join("ready.json");
        let ready = wait_for(|| serde_json::from_slice(&std::fs::read(&path).ok()?).ok());
        Self { child, ready, dir, log: Some(log), said: heard }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.ready.https_port, &self.ready.cert_path)
    }

    /// Runs another command of the binary on the same data.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        run(self.dir.path(), arguments, b"")
    }

    /// Ends it as a service manager does; its log.
    pub(crate) fn terminate(self) -> String {
        self.signal("-TERM");
        self.ended()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits until it ends well; its log.
    pub(crate) fn ended(mut self) -> String {
        let status = wait_for(|| self.child.try_wait().unwrap());
        self.log.take().unwrap().join().unwrap();
        let log = std::mem::take(&mut *self.said.lock().unwrap());
        assert!(status.success(), "{status}: {log}");
        log
    }

    /// Its log, once these words stand in it.
    pub(crate) fn log_until(&self, words: &str) -> String {
        wait_for(|| Some(self.said.lock().unwrap().clone()).filter(|log| log.contains(words)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

/// Polls until there is an answer.
pub(crate) fn wait_for<T>(mut question: impl FnMut() -> Option<T>) -> T {
    let start = std::time::Instant::now();
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "what was waited for did not come");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Runs a command of the binary on the data in a directory.
pub(crate) fn run(dir: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut binary = command(BINARY);
    binary.args(arguments).args(["--data-dir".as_ref(), dir.join("data").as_os_str()]);
    binary.args(["--database-url", &database_url(dir)]);
    finish(binary, input)
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command, input: &[u8]) -> Output {
    use std::io::Write as _;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input); // it may not read
    child.wait_with_output().unwrap()
}

/// Runs a server that cannot start; what it says.
pub(crate) fn complaint(arguments: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut child = command(BINARY)
        .args(serve_arguments(dir.path(), arguments))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = wait_for(|| child.try_wait().unwrap());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!status.success(), "{said}");
    said
}

/// Sockets of a process that somebody can reach: protocol, address and port, from the kernel's tables.
fn open_sockets(id: u32) -> BTreeSet<(&'static str, String, u16)> {
    let descriptors = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap();
    let inodes: BTreeSet<String> = descriptors
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut open = BTreeSet::new();
    for (table, protocol, listening) in
        [("tcp", "tcp", "0A"), ("tcp6", "tcp", "0A"), ("udp", "udp", "07"), ("udp6", "udp", "07")]
    {
        let text = std::fs::read_to_string(format!("/proc/{id}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            if fields[3] == listening && inodes.contains(fields[9]) {
                let (address, port) = fields[1].split_once(':').unwrap();
                open.insert((protocol, address.to_owned(), u16::from_str_radix(port, 16).unwrap()));
            }
        }
    }
    open
}

#[test]
fn the_process_opens_the_documented_ports_and_no_other() {
    let process = Process::start(&["--listen", "0.0.0.0", "--webrtc-shards", "2"]);
    let Ready { https_port, srt_port, metrics_port, .. } = process.ready;
    let &[first, second] = process.ready.webrtc_ports.as_slice() else { panic!("{:?}", process.ready) };
    let (everywhere, loopback) = ("00000000".to_owned(), "0100007F".to_owned());
    let expected = BTreeSet::from([
        ("tcp", everywhere.clone(), https_port),
        ("udp", everywhere.clone(), srt_port),
        ("udp", everywhere.clone(), first),
        ("tcp", everywhere.clone(), first),
        ("udp", everywhere.clone(), second),
        ("tcp", everywhere, second),
        ("tcp", loopback, metrics_port),
    ]);
    assert_eq!(open_sockets(process.child.id()), expected);
    let log = process.terminate();
    assert!(log.contains("stopping"), "{log}");
}

#[test]
fn a_port_in_use_is_named_with_its_setting() {
    let (holds_tcp, holds_udp) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let tcp = holds_tcp.local_addr().unwrap().port().to_string();
    let udp = holds_udp.local_addr().unwrap().port().to_string();
    let metrics = format!("127.0.0.1:{tcp}");
    for (flag, value, port, setting) in [
        ("--https-port", &tcp, &tcp, "https_port"),
        ("--metrics", &metrics, &tcp, "metrics"),
        ("--srt-port", &udp, &udp, "srt_port"),
        ("--webrtc-port", &udp, &udp, "webrtc_port"),
    ] {
        let said = complaint(&[flag, value]);
        assert!(
            said.contains(port.as_str()) && said.contains(setting) && said.contains("in use"),
            "{flag}: {said}"
        );
    }
}

#[test]
fn a_setting_that_is_not_understood_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("settings.toml");
    std::fs::write(&file, "https_port = 0\nhtps_port = 0\n").unwrap();
    let said = complaint(&["--config", file.to_str().unwrap()]);
    assert!(said.contains("htps_port") && said.contains("settings.toml"), "{said}");
    assert!(complaint(&["--log", "returnfeed=loud"]).contains("log"));
    assert!(complaint(&["--tls-cert", "a.pem"]).contains("tls_key"));
    assert!(complaint(&["--data-dir", "/dev/null/x"]).contains("/dev/null/x"));
}
