//! Starts the headless director.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use returnfeed_engine::console::{Args, LogFormat, Print, Style, parse_key};
use returnfeed_engine::engine::Engine;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    start_log(args.log_format);
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    let setup = args.setup(|name| std::env::var(name).ok())?;
    let style = match args.json {
        true => Style::Json,
        false if std::io::stdout().is_terminal() => Style::Colour,
        false => Style::Plain,
    };
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
    let mut engine = Engine::start(setup.engine, Print::new(std::io::stdout(), style)).await?;
    let mut lines = Some(BufReader::new(tokio::io::stdin()).lines());
    loop {
        let line = async {
            match &mut lines {
                Some(lines) => lines.next_line().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = engine.ended() => return Ok(()),
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            line = line => match line.ok().flatten() {
                Some(line) => match parse_key(&line) {
                    Ok(Some(command)) => engine.command(command),
                    Ok(None) => {}
                    Err(error) => eprintln(&error.to_string()),
                },
                // Started without a keyboard: it runs until it is told to end.
                None => lines = None,
            },
        }
    }
    engine.stop().await;
    Ok(())
}

fn eprintln(line: &str) {
    let _closed = writeln!(std::io::stderr(), "{line}");
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Plain => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
