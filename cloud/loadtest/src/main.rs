//! `returnfeed-load`: many viewers and one publisher, or many operators and one director, against real servers; what
//! `./dev bench join`, `fanout` and `tally` run.
//!
//! It refuses to measure what it does not see: gaps are counted in the packets' own sequence numbers, a frame's
//! delay by the frame's own bytes, a server's cost by what the kernel says of its process. Its own cost is printed
//! beside them.

mod fanout;
mod floor;
mod join;
mod ledger;
mod process;
mod push;
mod server;
mod spread;
mod stream;
mod tally;
mod viewer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;

#[derive(Parser)]
#[command(name = "returnfeed-load", about = "Many viewers or operators, against real servers")]
enum Command {
    /// Fifty viewers within one second, from the POST to the last packet of the first whole IDR picture
    Join(join::Arguments),
    /// What a viewer costs: this server, Janus, and the floor under them all
    Fanout(fanout::Arguments),
    /// A cut to a thousand operators: until each has said that it shows it
    Tally(tally::Arguments),
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("returnfeed-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    // Fails only if somebody installed it before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    str0m::crypto::from_feature_flags().install_process_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    match command {
        Command::Join(arguments) => local.block_on(&runtime, join::run(arguments)),
        Command::Fanout(arguments) => local.block_on(&runtime, fanout::run(arguments)),
        Command::Tally(arguments) => local.block_on(&runtime, tally::run(arguments)),
    }
}

/// Writes a result where scripts look for it.
fn write(path: &Path, result: &serde_json::Value) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(result)?;
    std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}

/// The server's program, and where the result goes.
#[derive(clap::Args)]
struct Place {
    /// The program `returnfeed-cloud`
    #[arg(long, value_name = "FILE")]
    cloud: PathBuf,
    /// Where the result is written
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}
