//! Starts the server.

use clap::Parser as _;
use returnfeed_cloud::cli::Cli;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Cli::parse().run().await
}
