//! DNS-01 by the host's own command, for no two zones are changed in the same way.
//!
//! The contract stands in docs/operations.md: `PROGRAM set|clear NAME VALUE`, 0 when it is done and can be seen from
//! outside. It refuses to hand our secrets on: none of our settings reaches the command's environment.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::error::AcmeError;

/// A zone takes its time.
const LONGEST: Duration = Duration::from_secs(300);
/// What is told of a command's complaint.
const TOLD: usize = 300;

/// What the command is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Set,
    Clear,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Clear => "clear",
        }
    }
}

pub(super) async fn run(hook: &Path, verb: Verb, record: &str, value: &str) -> Result<(), AcmeError> {
    let failed = |why: String| {
        let (hook, record) = (hook.to_owned(), record.to_owned());
        AcmeError::Hook { hook, verb: verb.name(), record, why }
    };
    let mut command = Command::new(hook);
    command.args([verb.name(), record, value]).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RETURNFEED_"))
    {
        command.env_remove(name);
    }
    match timeout(LONGEST, command.output()).await {
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => {
            let said: String = String::from_utf8_lossy(&output.stderr).chars().take(TOLD).collect();
            Err(failed(format!("{}; it said: {}", output.status, said.trim())))
        }
        Ok(Err(cause)) => Err(failed(cause.to_string())),
        Err(_) => Err(failed(format!("it took longer than {} s", LONGEST.as_secs()))),
    }
}
