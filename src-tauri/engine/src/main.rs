//! Starts the headless director.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use returnfeed_engine::console::{Args, LogFormat, Print, Style, parse_key};
use returnfeed_engine::engine::Engine;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    start_log(args.log_format);
    match run(args).await {
        Ok(None) => ExitCode::SUCCESS,
        // Its printer said why.
        Ok(Some(_)) => ExitCode::FAILURE,
        Err(error) => {
            let _closed = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs until it is told to end, or says why it ended by itself.
async fn run(args: Args) -> anyhow::Result<Option<String>> {
    let setup = args.setup(|name| std::env::var(name).ok())?;
    let style = match args.json {
        true => Style::Json,
        false if std::io::stdout().is_terminal() => Style::Colour,
        false => Style::Plain,
    };
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
    let mut engine = Engine::start(setup.engine.clone(), Print::new(std::io::stdout(), style)).await?;
    let mut lines = typed();
    loop {
        tokio::select! {
            reason = engine.ended() => return Ok(reason),
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            // Without a keyboard it runs until it is told to end.
            Some(line) = lines.recv() => match parse_key(&line, &setup.presets) {
                Ok(Some(command)) => engine.command(command),
                Ok(None) => {}
                Err(error) => complain(&error.to_string()),
            },
        }
    }
    engine.stop().await;
    Ok(None)
}

/// Lines of standard input. Their thread waits in a read that nothing can end, so nothing waits for it.
fn typed() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(8);
    let read = move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("keys".into()).spawn(read) {
        tracing::warn!(%error, "no keys are heard");
    }
    lines
}

fn complain(line: &str) {
    let _closed = writeln!(std::io::stderr(), "{line}");
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Plain => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
