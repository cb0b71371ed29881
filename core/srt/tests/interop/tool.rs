//! A foreign program at the other end: fed on its standard input, read on its standard output, heard on its
//! standard error, ended with the test.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::unit;

pub(crate) struct Tool {
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
    errors: Arc<Mutex<Vec<u8>>>,
}

impl Tool {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program} does not start ({error}); run ./dev once, it installs it")
            });
        let output = collect(child.stdout.take().unwrap());
        let errors = collect(child.stderr.take().unwrap());
        Self { child, output, errors }
    }

    /// Numbered units, so many, each 2 ms.
    pub(crate) fn feed(&mut self, units: std::ops::Range<u32>) {
        let stdin = self.child.stdin.as_mut().unwrap();
        for n in units {
            stdin.write_all(&unit(n)).unwrap();
            stdin.flush().unwrap();
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    pub(crate) fn output(&self) -> Vec<u8> {
        self.output.lock().unwrap().clone()
    }

    pub(crate) fn errors(&self) -> String {
        String::from_utf8_lossy(&self.errors.lock().unwrap()).into_owned()
    }

    /// Waits until its words contain `text`.
    pub(crate) fn says(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(15);
        while !self.errors().contains(text) {
            assert!(Instant::now() < deadline, "it does not say {text:?} but:\n{}", self.errors());
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        self.kill();
    }
}

fn collect(mut from: impl Read + Send + 'static) -> Arc<Mutex<Vec<u8>>> {
    let into = Arc::<Mutex<Vec<u8>>>::default();
    let shared = Arc::clone(&into);
    std::thread::spawn(move || {
        let mut buffer = [0; 16_384];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            shared.lock().unwrap().extend_from_slice(&buffer[..length]);
        }
    });
    into
}
