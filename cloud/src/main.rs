//! Starts the server. What fails is told in one sentence; a backtrace is for a panic.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use returnfeed_cloud::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            let _closed = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}
