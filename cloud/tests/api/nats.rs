//! A real nats-server, started by a test for itself on a free port of this machine. It ends with the test process, also
//! when that is killed: a shell waits for our end of its pipe to close.

use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use returnfeed_cloud::config::BusPlace;
use tempfile::TempDir;

/// Of the server that is asked for.
const PASSWORD: &str = "north star";

pub(crate) struct Nats {
    dir: TempDir,
    address: Ipv4Addr,
    port: u16,
    /// Ends the server when its standard input ends.
    watchman: Option<Child>,
}

impl Nats {
    pub(crate) fn start() -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST)
    }

    /// At this address of ours.
    pub(crate) fn start_at(address: Ipv4Addr) -> Self {
        let mut nats = Self { dir: tempfile::tempdir().unwrap(), address, port: 0, watchman: None };
        nats.resume();
        nats
    }

    /// An address at which nobody listens until [`Nats::resume`].
    pub(crate) fn away() -> Self {
        let mut nats = Self::start();
        nats.kill();
        nats
    }

    /// The place, as a setting has it.
    pub(crate) fn place(&self, password: &str) -> BusPlace {
        self.written(password).parse().unwrap()
    }

    /// Lets in.
    pub(crate) fn open_place(&self) -> BusPlace {
        self.setting().parse().unwrap()
    }

    /// The same, as it is written on a command line.
    pub(crate) fn setting(&self) -> String {
        self.written(&PASSWORD.replace(' ', "%20"))
    }

    fn written(&self, password: &str) -> String {
        format!("nats://returnfeed:{password}@{}:{}", self.address, self.port)
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) {
        let Some(mut watchman) = self.watchman.take() else { return };
        drop(watchman.stdin.take());
        watchman.wait().unwrap();
    }

    /// It stands still, as a machine does that has no more memory: its connections stay open.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// It goes on.
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let watchman = self.watchman.as_ref().expect("it runs").id();
        let children = std::fs::read_to_string(format!("/proc/{watchman}/task/{watchman}/children")).unwrap();
        assert!(Command::new("kill").args([signal, children.trim()]).status().unwrap().success());
    }

    /// Starts it where it stands still, on the port of before.
    pub(crate) fn resume(&mut self) {
        let files = self.dir.path().join("ports");
        let _ = std::fs::remove_dir_all(&files); // at the first start there is none
        std::fs::create_dir(&files).unwrap();
        let port = if self.port == 0 { "-1".to_owned() } else { self.port.to_string() };
        let log = std::fs::File::create(self.dir.path().join("log")).unwrap();
        let mut watchman = Command::new("sh");
        watchman.args([
            "-c",
            "nats-server \"$@\" </dev/null & read -r _; kill -9 $!; wait",
            "sh",
            "-a",
            &self.address.to_string(),
        ]);
        watchman
            .args(["--user", "returnfeed", "--pass", PASSWORD, "-p", &port, "--ports_file_dir"])
            .arg(&files);
        self.watchman =
            Some(watchman.stdin(Stdio::piped()).stderr(log).stdout(Stdio::null()).spawn().unwrap());
        self.port = self.announced(&files);
    }

    /// The port that it says it listens on.
    fn announced(&self, files: &std::path::Path) -> u16 {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let said = std::fs::read_dir(files)
                .unwrap()
                .next()
                .map(|file| std::fs::read_to_string(file.unwrap().path()));
            let said: Option<serde_json::Value> =
                said.and_then(|text| serde_json::from_str(&text.ok()?).ok());
            let url = said.and_then(|said| Some(said["nats"].get(0)?.as_str()?.to_owned()));
            if let Some(port) = url.and_then(|url| url.rsplit(':').next()?.parse().ok()) {
                return port;
            }
            let log = || std::fs::read_to_string(self.dir.path().join("log"));
            assert!(
                Instant::now() < deadline,
                "nats-server (package nats-server) does not start: {:?}",
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
