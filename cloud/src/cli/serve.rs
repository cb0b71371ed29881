//! `serve`: runs until it is told to stop.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use secrecy::ExposeSecret as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::config::Settings;
use crate::data_dir::{Existing, write_private};
use crate::server::{Ready, Server};
use crate::telemetry;

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    let config = settings.decide()?;
    telemetry::init(&config.log, config.log_format)
        .with_context(|| format!("the setting log is not understood: {:?}", config.log))?;
    warn_of_unknown_variables();
    // Before anything starts, so that an early signal is not lost.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);

    let server = Server::start(&config, Clock::default()).await?;
    announce(&server);
    if let Some(path) = &config.ready_file {
        write_ready(path, server.ready()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    server.stop().await;
    if let Some(path) = &config.ready_file {
        let _ = std::fs::remove_file(path); // it says "ready", which is over
    }
    Ok(())
}

/// To the terminal and never into the log: the setup token is as good as a password.
fn announce(server: &Server) {
    let Ready { https_port, srt_port, webrtc_ports, metrics_port, cert_path, .. } = server.ready();
    tracing::info!(https_port, srt_port, ?webrtc_ports, metrics_port, certificate = %cert_path.display(), "ready");
    println!("ReturnFeed is ready: https://localhost:{https_port}/");
    if let Some(token) = server.setup_token() {
        println!("There is no account yet. Setup token, good once: {}", token.expose_secret());
        println!(
            "It goes into POST /api/setup; or run: returnfeed-cloud account create --email YOU@EXAMPLE.ORG --name YOU"
        );
    }
}

fn write_ready(path: &Path, ready: &Ready) -> anyhow::Result<()> {
    Ok(write_private(path, &serde_json::to_vec(ready)?, Existing::Replace)?)
}

/// A misspelt variable would be passed over in silence.
fn warn_of_unknown_variables() {
    let command = super::Cli::command();
    let known: Vec<_> = command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments)
        .filter_map(|argument| argument.get_env()?.to_str())
        .collect();
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with("RETURNFEED_")) else { continue };
        if !known.contains(&name) {
            tracing::warn!(
                name,
                "this variable is not a setting of the server; see `returnfeed-cloud serve --help`"
            );
        }
    }
}
