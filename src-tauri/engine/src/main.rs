//! Starts the headless director.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use returnfeed_engine::console::{Args, LogFormat, Print, Style, instead, parse_key};
use returnfeed_engine::control::{self, Board, ControlConfig};
use returnfeed_engine::engine::Engine;
use returnfeed_engine::keep::{self, Remember, Standing};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    start_log(args.log_format);
    match begin(args).await {
        Ok(None) => ExitCode::SUCCESS,
        // Its printer said why.
        Ok(Some(_)) => ExitCode::FAILURE,
        Err(error) => {
            let _closed = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Directs, or whatever else was asked for.
async fn begin(args: Args) -> anyhow::Result<Option<String>> {
    if let Some(what) = args.instead {
        instead(what).await?;
        return Ok(None);
    }
    let Some(standing) = &args.keep else { return run(args).await };
    let arguments = child_arguments(standing.as_os_str());
    let status = keep::run(|_| arguments.clone()).await?;
    Ok((!status.success()).then(|| status.to_string()))
}

/// Ours, with `--resume FILE` in the place of `--keep FILE`.
fn child_arguments(standing: &OsStr) -> Vec<OsString> {
    let mut given = std::env::args_os().skip(1);
    let mut child: Vec<OsString> = vec!["--resume".into(), standing.to_owned()];
    while let Some(argument) = given.next() {
        match argument.to_str() {
            Some("--keep") => drop(given.next()),
            Some(text) if text.starts_with("--keep=") => {}
            _ => child.push(argument),
        }
    }
    child
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
    let (board, print) = Board::beside(Print::new(std::io::stdout(), style));
    let mut engine = match args.resume.clone() {
        None => Engine::start(setup.engine, print).await?,
        Some(file) => {
            let standing = Standing::read(&file);
            let remember =
                Remember::new(print, file, standing.clone()).context("what is on air is not kept")?;
            let engine = Engine::resume(setup.engine, standing.programme, remember).await?;
            standing.commands().into_iter().for_each(|command| engine.command(command));
            engine
        }
    };
    let control = setup.control.map(|config| take_orders(config, board, &engine));
    let _ends_with_this = control.as_ref().map(|cancel| cancel.clone().drop_guard());
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
    if let Some(file) = args.resume {
        // It ended because it was told to: the next run begins anew.
        keep::forget(&file);
    }
    Ok(None)
}

/// A port that cannot be opened is said, and keeps nobody from directing.
fn take_orders(config: ControlConfig, board: Board, engine: &Engine) -> CancellationToken {
    let cancel = CancellationToken::new();
    let (command, until) = (engine.commander(), cancel.clone());
    tokio::spawn(async move {
        if let Err(error) = control::serve(&config, board, command, until).await {
            complain(&error);
        }
    });
    cancel
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
