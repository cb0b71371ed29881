//! `serve`: runs until it is told to stop.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::CommandFactory as _;
use secrecy::ExposeSecret as _;
use tokio::time::interval;

use crate::clock::Clock;
use crate::config::{Changed, Config, Settings, changed};
use crate::data_dir::{DataDir, Existing, write_private};
use crate::doctor::{Finding, Peer, Verdict, at_start};
use crate::lifecycle::{Asked, ServiceManager, Signals};
use crate::server::{Ready, Server};
use crate::store::{DatabaseUrl, Stands};
use crate::telemetry::{self, Log};

/// What the farewell takes beyond the drain, at most.
const FAREWELL: Duration = Duration::from_secs(20);
/// How often somebody looks whether everybody has gone.
const LOOK: Duration = Duration::from_millis(200);

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    let config = settings.clone().decide()?;
    let log = telemetry::init(&config.log)?;
    warn_of_unknown_variables();
    // Before anything starts, so that an early signal is not lost.
    let signals = Signals::listen()?;
    let manager = ServiceManager::of_environment();
    let _alone = DataDir::open(&config.data_dir)?.lock()?;
    // Before the start writes to it: a clock that was set back is found by what was written last.
    let stands = match &config.database {
        DatabaseUrl::Sqlite(file) if !file.exists() => None,
        database => Stands::at(database).await.ok(), // what is wrong with it, the start says
    };

    let server = Server::start(&config, Clock::default()).await?;
    announce(&server);
    if let Some(path) = &config.ready_file {
        write_ready(path, server.ready()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    manager.ready();
    // Beside the server: a resolver or a peer that does not answer keeps nobody waiting.
    let (looked_at, clock) = (config.clone(), Clock::default());
    let doctor =
        tokio::spawn(
            async move { say(&at_start(&looked_at, &Peer::default(), stands.as_ref(), &clock).await) },
        );
    let ready_file = config.ready_file.clone();
    Running { settings, config, log, signals, manager }.until_the_end(server).await;
    doctor.abort();
    if let Some(path) = ready_file {
        let _ = std::fs::remove_file(path); // it says "ready", which is over
    }
    Ok(())
}

/// A server that runs, and whoever may ask something of it.
struct Running {
    settings: Settings,
    config: Config,
    log: Log,
    signals: Signals,
    manager: ServiceManager,
}

impl Running {
    async fn until_the_end(mut self, server: Server) {
        while self.next().await == Asked::Reload {
            self.reload(&server);
        }
        self.drain(&server).await;
        tracing::info!("stopping");
        server.stop().await;
        self.log.finish().await;
    }

    /// The next request; the service manager hears meanwhile that we are alive.
    async fn next(&mut self) -> Asked {
        let Some(each) = self.manager.watchdog() else { return self.signals.next().await };
        let mut ticks = interval(each);
        loop {
            tokio::select! {
                asked = self.signals.next() => return asked,
                _ = ticks.tick() => self.manager.alive(),
            }
        }
    }

    /// What cannot be used leaves everything as it was.
    fn reload(&mut self, server: &Server) {
        self.manager.reloading();
        match self.settings.clone().decide() {
            Ok(config) => self.take_up(config, server),
            Err(error) => tracing::error!("the settings stay as they are: {error}"),
        }
        self.manager.ready();
    }

    fn take_up(&mut self, config: Config, server: &Server) {
        if let Err(error) = self.log.refilter(&config.log.filter) {
            return tracing::error!("the settings stay as they are: {error}");
        }
        server.reload(&config);
        let Changed { now, at_restart } = changed(&self.config, &config);
        tracing::info!(changed = ?now, "the settings are read again; certificate files are looked at by themselves");
        if !at_restart.is_empty() {
            tracing::warn!(
                "until the server is started again these stay as they were: {}",
                at_restart.join(", ")
            );
        }
        // What waits for a restart is said again at the next reading.
        let Config { log, web, max_viewers, whep_offers_per_minute, viewer_limits, .. } = config;
        self.config.log.filter = log.filter;
        self.config.web.origins = web.origins;
        (self.config.max_viewers, self.config.whep_offers_per_minute) = (max_viewers, whep_offers_per_minute);
        let handshake = self.config.viewer_limits.handshake;
        self.config.viewer_limits = viewer_limits;
        self.config.viewer_limits.handshake = handshake;
    }

    /// Until nobody is there any more, the grace is over, or somebody asks a second time.
    async fn drain(&mut self, server: &Server) {
        let grace = self.config.drain;
        self.manager.stopping(grace + FAREWELL);
        if grace.is_zero() {
            return;
        }
        let ends_at = Instant::now() + grace;
        server.drain(ends_at);
        tracing::info!(seconds = grace.as_secs(), "draining: nobody new comes in, who is in may finish");
        let mut look = interval(LOOK);
        let everybody_gone = async {
            while Instant::now() < ends_at && !server.is_empty() {
                look.tick().await;
            }
        };
        let asked_again = async { while self.next().await == Asked::Reload {} };
        tokio::select! {
            () = everybody_gone => {}
            () = asked_again => tracing::info!("asked again: it ends at once"),
        }
    }
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

fn say(findings: &[Finding]) {
    for finding in findings {
        let Finding { check, says, cure, .. } = finding;
        match finding.verdict {
            Verdict::Broken => tracing::error!("{check}: {says}: {cure}"),
            Verdict::Ok | Verdict::Look => tracing::warn!("{check}: {says}: {cure}"),
        }
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
