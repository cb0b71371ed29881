//! A program under test: started, measured by what the kernel says of it, ended with its owner.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

/// `USER_HZ`: the unit of the CPU times in `/proc/PID/stat`, 100 on every Linux that is built today.
const TICKS_A_SECOND: u64 = 100;

/// A program that does not outlive its owner.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it, with what it says in `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let file = std::fs::File::create(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Self::spawn(command)
    }

    /// Starts it, with its input and output as pipes and its complaints in `log`.
    pub(crate) fn start_talking(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(std::fs::File::create(log)?);
        Self::spawn(command)
    }

    fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        Ok(Self(command.spawn().with_context(|| format!("{program} cannot be run"))?))
    }

    /// Its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Whether it runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// CPU time used so far, by all its threads.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        cpu(&self.0.id().to_string())
    }

    /// Resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        line.trim().trim_end_matches(" kB").parse().context("VmRSS is no number")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// CPU time used so far by this process.
pub(crate) fn own_cpu() -> anyhow::Result<Duration> {
    cpu("self")
}

/// CPU time used so far by this thread.
pub(crate) fn thread_cpu() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let ns = stat.split_whitespace().next().and_then(|word| word.parse().ok());
    Ok(Duration::from_nanos(ns.context("schedstat is not understood")?))
}

fn cpu(pid: &str) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold anything; user and system time are the 12th and 13th words behind it.
    let (_, behind) = stat.rsplit_once(')').context("stat is not understood")?;
    let words: Vec<u64> = behind.split_whitespace().map(|word| word.parse().unwrap_or(0)).collect();
    let ticks = words.get(11).zip(words.get(12)).map(|(user, system)| user + system);
    Ok(Duration::from_millis(ticks.context("stat is too short")? * 1000 / TICKS_A_SECOND))
}
