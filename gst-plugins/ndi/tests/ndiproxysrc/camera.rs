//! A real NDI source in a process of its own, which can be stopped, killed and asked about its lamps.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use ndi_sdk_sys::{FindOptions, Finder, Runtime, Source};
use serde_json::Value;

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);

pub(crate) struct Camera {
    child: Child,
    lines: Receiver<Value>,
    /// `MACHINE (name)`.
    pub(crate) name: String,
    lamps: (bool, bool),
    receivers: u64,
}

impl Camera {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ndi-test-sender"))
            .args(arguments)
            .args(["--until-stdin-closes", "--freeze-on-signal"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test sender can be started");
        let out = child.stdout.take().expect("it is piped");
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
                if tell.send(value).is_err() {
                    return;
                }
            }
        });
        let mut camera = Self { child, lines, name: String::new(), lamps: (false, false), receivers: 0 };
        camera.until("it is ready", |camera| !camera.name.is_empty());
        camera
    }

    /// Where it is on the network.
    pub(crate) fn source(&self) -> Source {
        let runtime = Runtime::load().expect("loaded before");
        let options = FindOptions { extra_ips: Some("127.0.0.1".into()), groups: None };
        let mut finder = Finder::new(&runtime, &options).expect("a finder can be made");
        let begun = Instant::now();
        loop {
            finder.wait(TICK);
            if let Some(source) = finder.sources().into_iter().find(|source| source.name == self.name) {
                return source;
            }
            assert!(begun.elapsed() < DEADLINE, "{} is not found", self.name);
        }
    }

    pub(crate) fn shows(&mut self, program: bool, preview: bool) {
        let what = format!("the lamps are RED {program}, GREEN {preview}");
        self.until(&what, |camera| camera.lamps == (program, preview));
    }

    /// The lamps stay dark for `time`.
    pub(crate) fn stays_dark(&mut self, time: Duration) {
        let begun = Instant::now();
        while let Some(rest) = time.checked_sub(begun.elapsed()) {
            if let Ok(line) = self.lines.recv_timeout(rest) {
                self.read(&line);
            }
            assert_eq!(self.lamps, (false, false), "nobody asked for a lamp");
        }
    }

    pub(crate) fn has_receivers(&mut self, count: u64) {
        self.until(&format!("{count} receivers"), |camera| camera.receivers == count);
    }

    fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !condition(self) {
            let rest = DEADLINE.checked_sub(begun.elapsed());
            let line = rest.and_then(|rest| self.lines.recv_timeout(rest).ok());
            let line = line.unwrap_or_else(|| panic!("the camera does not report in time, or ended: {what}"));
            self.read(&line);
        }
    }

    fn read(&mut self, line: &Value) {
        match line["event"].as_str() {
            Some("ready") => self.name = line["source"].as_str().expect("a name").to_owned(),
            Some("tally") => self.lamps = (line["program"] == true, line["preview"] == true),
            Some("connections") => self.receivers = line["count"].as_u64().expect("a count"),
            _ => {}
        }
    }

    /// STOP, CONT, USR1.
    pub(crate) fn signal(&self, signal: &str) {
        let status =
            Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(status.expect("kill can be run").success());
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        // SIGKILL: also ends a stopped one; a test that failed must not leave it behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
