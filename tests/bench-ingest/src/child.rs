//! One process for each part of a measurement: this program again, told its part in JSON, that says a line when it
//! is ready and a line when it is done. Its standard input ends when it is to stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A running part; it does not outlive its owner.
pub(crate) struct Part {
    name: &'static str,
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Part {
    pub(crate) fn start(name: &'static str, told: &impl Serialize) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([name, &serde_json::to_string(told)?])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(child.stdout.take().context("its output is a pipe")?);
        Ok(Self { name, child, output })
    }

    /// The next line it says.
    pub(crate) fn hear<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "{} ended without a word; what it said stands above", self.name);
        serde_json::from_str(&line).with_context(|| format!("{} said {line}", self.name))
    }

    /// Asks it to stop; then it says its last line.
    pub(crate) fn stop<T: DeserializeOwned>(mut self) -> Result<T> {
        drop(self.child.stdin.take());
        self.hear()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the part: says a line.
pub(crate) fn say(what: &impl Serialize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    Ok(out.flush()?)
}

/// In the part: becomes true when it is asked to stop.
pub(crate) fn stop_asked() -> Arc<AtomicBool> {
    let asked = Arc::<AtomicBool>::default();
    let flag = Arc::clone(&asked);
    std::thread::spawn(move || {
        // Whatever ends the input: nobody wants this part any more.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        flag.store(true, Ordering::Relaxed);
    });
    asked
}

/// In the part: ends it when nobody waits for it any more.
pub(crate) fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
}
