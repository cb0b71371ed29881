//! `doctor`: what stands between this machine and a show.

use std::process::ExitCode;

use super::installed;
use crate::clock::Clock;
use crate::config::Settings;
use crate::doctor::{Peer, Verdict, examine};

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    settings: Settings,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    /// Compare the clock with what this server says (an http or https address)
    #[arg(long, value_name = "URL")]
    clock_from: Option<String>,
}

impl Doctor {
    /// Fails where something is broken.
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let mut settings = self.settings;
        if settings.data_dir.is_none() {
            settings.config = settings.config.or_else(installed);
        }
        let config = settings.decide()?;
        let report = examine(&config, &Peer(self.clock_from), &Clock::default()).await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            for finding in &report.findings {
                println!("{finding}");
            }
        }
        Ok(if report.verdict == Verdict::Broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
