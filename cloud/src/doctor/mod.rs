//! What stands between this machine and a show: each thing looked at, with what to do about it.
//!
//! `returnfeed-cloud doctor` prints it, and each start says what of it is not well. It refuses to change anything, and to
//! claim what cannot be seen from inside: whether a firewall of somebody else lets viewers in. Invariant: one finding is
//! one line, and whatever is not well says what to do.

mod asking;
mod certificate;
mod clock;
mod database;
mod machine;
mod place;
mod ports;

use std::fmt;

use serde::Serialize;

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Stands;
use crate::tls;

pub(crate) use machine::is_full;

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it must be.
    Ok,
    /// It works, or cannot be known from here; somebody should look.
    Look,
    /// Viewers or directors will not get through.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable word.
    pub check: &'static str,
    /// How well it is.
    pub verdict: Verdict,
    /// What was seen.
    pub says: String,
    /// What to do; empty where all is well.
    #[serde(rename = "do", skip_serializing_if = "String::is_empty")]
    pub cure: String,
}

/// All of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Of this program.
    pub version: &'static str,
    /// The worst of the findings.
    pub verdict: Verdict,
    /// In the order in which one would look.
    pub findings: Vec<Finding>,
}

/// What the clock is compared with, beside what this machine has itself.
#[derive(Debug, Clone, Default)]
pub struct Peer(pub Option<String>);

impl Finding {
    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, says: says.into(), cure: String::new() }
    }

    fn look(check: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Look, says: says.into(), cure: cure.into() }
    }

    fn broken(check: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Broken, says: says.into(), cure: cure.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok    ",
            Verdict::Look => "look  ",
            Verdict::Broken => "broken",
        };
        write!(f, "{verdict}  {:<12}  {}", self.check, self.says)?;
        if self.cure.is_empty() { Ok(()) } else { write!(f, ": {}", self.cure) }
    }
}

impl Report {
    /// Of these findings.
    fn new(findings: Vec<Finding>) -> Self {
        let verdict = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
        Self { version: env!("CARGO_PKG_VERSION"), verdict, findings }
    }
}

/// Looks at everything, from beside a server that runs or does not.
pub async fn examine(config: &Config, peer: &Peer, clock: &Clock) -> Report {
    let mut findings =
        vec![Finding::ok("version", format!("returnfeed-cloud {}", env!("CARGO_PKG_VERSION")))];
    findings.extend(place::look(config, &tls::local_addresses()).await);
    findings.extend(certificate::look(config, clock.unix_ms()));
    let (database, stands) = database::look(config).await;
    findings.extend(clock::look(config, peer, stands.as_ref(), clock.unix_ms()).await);
    findings.push(machine::files(config));
    findings.extend(machine::buffers());
    findings.push(machine::disk(&config.data_dir));
    findings.push(database);
    findings.extend(ports::look(config).await);
    Report::new(findings)
}

/// What a start says: whatever is not well and does not keep the server from starting. What does, the start itself says.
/// `stands` is how the database stood before the start wrote to it.
pub async fn at_start(config: &Config, peer: &Peer, stands: Option<&Stands>, clock: &Clock) -> Vec<Finding> {
    let mut findings = certificate::look(config, clock.unix_ms());
    findings.push(machine::files(config));
    findings.extend(machine::buffers());
    findings.push(machine::disk(&config.data_dir));
    findings.extend(clock::look(config, peer, stands, clock.unix_ms()).await);
    findings.extend(place::look(config, &tls::local_addresses()).await);
    findings.retain(|finding| finding.verdict != Verdict::Ok);
    findings
}

/// The first line of what went wrong.
fn cause(error: impl fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
