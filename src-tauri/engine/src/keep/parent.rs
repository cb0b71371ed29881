//! Starts the director as a child, and again when it dies.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use crate::push::{Backoff, spread};

/// A child that lived so long died of something new: the next is started at once.
const PROVED_AFTER: Duration = Duration::from_secs(10);
/// What a panic of the main thread exits with.
const PANICKED: i32 = 101;

/// Which child it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// A person started it.
    First,
    /// The one before died.
    Again,
}

/// Why nothing is kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The program itself.
    #[error("the director cannot be started: {0}")]
    Start(std::io::Error),
    /// Signals or waiting.
    #[error("the director cannot be watched: {0}")]
    Watch(std::io::Error),
}

/// Runs this program with the arguments of each life until it ends by its own decision, and says how it did.
///
/// # Errors
/// When it cannot be started or watched.
pub async fn run(arguments: impl Fn(Life) -> Vec<OsString>) -> Result<ExitStatus, KeepError> {
    let program = std::env::current_exe().map_err(KeepError::Start)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(KeepError::Watch)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(KeepError::Watch)?;
    let mut deaths = Deaths::default();
    let mut life = Life::First;
    loop {
        let mut child = Command::new(&program).args(arguments(life)).spawn().map_err(KeepError::Start)?;
        let began = Instant::now();
        let mut told = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status.map_err(KeepError::Watch)?,
                _ = terminate.recv() => told = tell_to_end(&child),
                // A terminal tells every process of its group by itself.
                _ = interrupt.recv() => told = true,
            }
        };
        if told || !is_death(status) {
            return Ok(status);
        }
        life = Life::Again;
        let wait = deaths.handle_death(began.elapsed(), spread());
        tracing::error!(%status, ?wait, "the director died; it is started again");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = terminate.recv() => return Ok(status),
            _ = interrupt.recv() => return Ok(status),
        }
    }
}

fn tell_to_end(child: &Child) -> bool {
    use nix::sys::signal::{Signal, kill};
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    id.is_some_and(|id| kill(nix::unistd::Pid::from_raw(id), Signal::SIGTERM).is_ok())
}

/// Killed, aborted or panicked; every other end was decided and said.
fn is_death(status: ExitStatus) -> bool {
    status.code().is_none_or(|code| code == PANICKED)
}

/// How long to wait before the next try.
#[derive(Debug, Default)]
struct Deaths {
    in_a_row: u32,
    backoff: Backoff,
}

impl Deaths {
    fn handle_death(&mut self, lived: Duration, random: u64) -> Duration {
        if lived >= PROVED_AFTER {
            self.backoff.reset();
            self.in_a_row = 0;
        }
        self.in_a_row += 1;
        if self.in_a_row == 1 { Duration::ZERO } else { self.backoff.next(random) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_death_waits_for_nothing_and_deaths_in_a_row_wait_longer() {
        let mut deaths = Deaths::default();
        let soon = Duration::from_secs(1);
        assert_eq!(deaths.handle_death(Duration::from_secs(3_600), 0), Duration::ZERO);
        let waits: Vec<u128> = (0..3).map(|_| deaths.handle_death(soon, u64::MAX).as_millis()).collect();
        assert_eq!(waits, [250, 500, 1_000]);
        assert_eq!(deaths.handle_death(PROVED_AFTER, 0), Duration::ZERO);
    }
}
