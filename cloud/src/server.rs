//! Starts every room in order, and ends them in the other.
//!
//! Invariant: when [`Server::start`] returns, every port listens; when [`Server::stop`] returns, every task that
//! was started has ended, or was given five seconds to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use returnfeed_protocol::SessionId;
use secrecy::SecretString;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::Gate;
use crate::api::signin::SignIns;
use crate::app::{App, Throttles};
use crate::auth::{Passwords, RefreshTokens, SetupToken, Tickets, Tokens};
use crate::clock::Clock;
use crate::config::{BusPlace, Config};
use crate::data_dir::{DataDir, DataDirError};
use crate::guard::StrictTransport;
use crate::keeping::KeepingError;
use crate::lifecycle::Doors;
use crate::listen::{ConnectionLimits, Listener};
use crate::media::{MediaConfig, MediaPlane};
use crate::metrics::{Metrics, MetricsError, MetricsListener};
use crate::nodes::{Nodes, PullSecrets};
use crate::relay::{Bus, BusError, Drain, Relay};
use crate::sealing::{BadKeys, Sealer, seal_anew};
use crate::store::StoreError;
use crate::tls::TlsError;
use crate::{doctor, keeping, network, plain_door, shell, tls, upkeep};

const FAREWELL: Duration = Duration::from_secs(5);

/// Where everything listens; written to the ready file.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    /// TCP: pages, API, WHEP, sockets.
    pub https_port: u16,
    /// UDP: encoders.
    pub srt_port: u16,
    /// UDP: viewers of the first shard.
    pub webrtc_port: u16,
    /// UDP: viewers, one port for each shard.
    pub webrtc_ports: Vec<u16>,
    /// TCP: Prometheus.
    pub metrics_port: u16,
    /// PEM: what a client must trust.
    pub cert_path: PathBuf,
}

/// A server that runs.
pub struct Server {
    ready: Ready,
    setup_token: Option<SecretString>,
    app: App,
    stop: CancellationToken,
    tasks: TaskTracker,
    running: JoinSet<()>,
}

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else has the port.
    #[error("port {port}/tcp is in use; stop the other program or set {setting} to another port")]
    PortInUse {
        /// Which.
        port: u16,
        /// The name of the setting.
        setting: &'static str,
    },
    /// The port cannot be opened for another reason.
    #[error("cannot listen on {address}: {cause}; see the settings listen and {setting}")]
    Port {
        /// Where.
        address: SocketAddr,
        /// The name of the setting.
        setting: &'static str,
        /// As the system says it.
        cause: std::io::Error,
    },
    /// The media plane's ports.
    #[error(transparent)]
    Media(#[from] crate::media::StartError),
    /// The port for Prometheus.
    #[error(transparent)]
    Metrics(MetricsError),
    /// The data directory.
    #[error(transparent)]
    Data(#[from] DataDirError),
    /// No room.
    #[error("the disk that holds {} is full; make room there and start again", .0.display())]
    Full(PathBuf),
    /// The database, or the copy of it.
    #[error(transparent)]
    Keeping(#[from] KeepingError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What other servers are heard over.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The keys that sign tokens.
    #[error(transparent)]
    TokenKey(#[from] upkeep::KeysError),
    /// The keys that seal secrets.
    #[error(transparent)]
    SealingKeys(#[from] BadKeys),
    /// What the provider's certificate is held against.
    #[error(
        "the system's certificate authorities cannot be used for oidc_issuer: {0}; install ca-certificates"
    )]
    Authorities(String),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Server {
    /// Starts everything.
    ///
    /// # Errors
    /// Says in one sentence what is in the way, and nothing keeps running.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self, StartError> {
        if doctor::is_full(&config.data_dir) {
            return Err(StartError::Full(config.data_dir.clone()));
        }
        let data = DataDir::open(&config.data_dir)?;
        let store = keeping::open(&config.database, &data, clock.unix_ms()).await?;
        store.check(clock.unix_ms()).await?; // what cannot be written serves nobody
        let tokens = Arc::new(Tokens::with_keys(upkeep::keys(&data, &clock)?, clock.clone()));
        let pepper = data.pepper()?;
        let signins = SignIns::new(config.oidc.clone(), &clock).map_err(StartError::Authorities)?;
        let names = tls::local_names(&config.public_addresses, &config.public_names);
        let identity = tls::identity(&config.certificate, &data, &names)?;

        let tls = Arc::clone(&identity.config);
        let limits = ConnectionLimits {
            in_all: config.max_connections,
            per_address: config.web.connections_per_address,
        };
        let listener =
            Listener::open(config.https, Arc::clone(&tls), limits, config.web.proxies.clone()).await;
        let listener = listener.map_err(port_error(config.https, "https_port"))?;
        let door = match config.web.http {
            Some(address) => {
                let door =
                    Listener::open(address, Arc::clone(&tls), limits, config.web.proxies.clone()).await;
                Some(door.map_err(port_error(address, "http_port"))?.for_anybody())
            }
            None => None,
        };
        let prometheus = MetricsListener::open(config.metrics, config.metrics_token_file.as_deref(), tls);
        let prometheus = prometheus.await.map_err(|error| metrics_error(config.metrics, error))?;
        let https_port = listener.port().map_err(port_error(config.https, "https_port"))?;
        let metrics_port = prometheus.port().map_err(port_error(config.metrics, "metrics"))?;
        let sealer = Arc::new(Sealer::new(&data.sealing_keys()?)?);
        seal_anew(&store, &sealer).await?;
        let pulls = PullSecrets::new(&pepper);
        let gate = Gate::new(store.clone(), Arc::clone(&sealer), clock.clone());
        let gate = match config.bus {
            BusPlace::Alone => gate,
            BusPlace::Database | BusPlace::Nats(_) => gate.among(config.place.role, pulls.clone()),
        };
        let gate = Arc::new(gate);
        let media = MediaPlane::start(media_config(config), gate).await?;
        let ports = media.local_ports();

        let setup = SetupToken::default();
        let setup_token = store.has_no_account().await?.then(|| setup.arm());
        let tasks = TaskTracker::new();
        let (bus, far) = Bus::open(&config.bus, &config.database).await?;
        let doors = Arc::<Doors>::default();
        let nodes = Nodes::new(config.place.clone(), bus.clone(), media.clone(), Arc::clone(&doors), pulls);
        let relay = Relay::new(media.clone(), store.clone(), tasks.clone(), bus);
        let app = App {
            metrics: Metrics::new(media.clone(), relay.clone(), clock.clone(), config.metrics_viewers),
            relay,
            media,
            store,
            sealer,
            tokens,
            refresh_tokens: Arc::new(RefreshTokens::new(&pepper)),
            registration: config.registration,
            second_factor: config.second_factor,
            audit_days: config.audit_days,
            tickets: Arc::new(Tickets::new(clock.clone())),
            passwords: Passwords::with_cost(&pepper, config.password_cost),
            setup: Arc::new(setup),
            signins: Arc::new(signins),
            throttles: Arc::new(Throttles::new(config.whep_offers_per_minute)),
            streams: Arc::default(),
            event_streams: Arc::default(),
            origins: Arc::new(config.web.origins.clone()),
            ice_servers: Arc::new(config.ice_servers.clone()),
            sockets: TaskTracker::new(),
            doors,
            nodes,
            last_check: Arc::default(),
            srt_port: ports.srt,
            clock,
        };
        let ready = Ready {
            https_port,
            srt_port: ports.srt,
            webrtc_port: ports.webrtc,
            webrtc_ports: ports.shards,
            metrics_port,
            cert_path: identity.certificate.clone(),
        };
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        let has_public_name = config.public_names.iter().any(|name| network::is_public_name(name));
        let strict =
            StrictTransport { has_public_name, vouched: identity.vouched(), nodes: app.nodes.clone() };
        running.spawn(listener.serve(shell::router(app.clone(), strict), stop.clone()));
        if let Some(door) = door {
            let router = plain_door::router(identity.proofs.clone(), https_port);
            running.spawn(door.serve(router, stop.clone()));
        }
        let stopped = stop.clone();
        running.spawn(async move {
            stopped.run_until_cancelled(identity.keep()).await;
        });
        running.spawn(prometheus.serve(app.metrics.clone(), stop.clone()));
        let (metrics, stopped) = (app.metrics.clone(), stop.clone());
        running.spawn(async move {
            stopped.run_until_cancelled(metrics.watch()).await;
        });
        let (upkeep, stopped) = (upkeep::run(app.clone(), data, config.audit_days), stop.clone());
        running.spawn(async move {
            stopped.run_until_cancelled(upkeep).await;
        });
        if let Some((incoming, wire)) = far {
            let (relay, nodes, stopped) = (app.relay.clone(), app.nodes.clone(), stop.clone());
            running.spawn(async move {
                stopped
                    .run_until_cancelled(async {
                        tokio::join!(wire, relay.hear(incoming, nodes.clone()), nodes.clone().run())
                    })
                    .await;
            });
        }
        let (relay, stopped) = (app.relay.clone(), stop.clone());
        running.spawn(async move {
            stopped.run_until_cancelled(relay.pump()).await;
        });
        Ok(Self { ready, setup_token, app, stop, tasks, running })
    }

    /// Where everything listens.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// What makes the first account, while there is none.
    pub fn setup_token(&self) -> Option<&SecretString> {
        self.setup_token.as_ref()
    }

    /// The rooms, for tests and tools in this process.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Nobody new comes in from now on, and who is in is told; the server ends at this time at the latest.
    pub fn drain(&self, ends_at: Instant) {
        let App { doors, nodes, relay, .. } = &self.app;
        doors.close(ends_at);
        nodes.say_card();
        relay.drain(Drain { ends_at, elsewhere: nodes.others_take() });
    }

    /// Whether nobody pushes, watches or is connected.
    pub fn is_empty(&self) -> bool {
        // What an edge fetches is nobody's push.
        let rests = |session: SessionId| self.app.nodes.is_edge() && self.app.media.viewers(session) == 0;
        self.app.sockets.is_empty() && self.app.media.sessions().into_iter().all(rests)
    }

    /// Takes up what can change without touching anything that is on air: it is asked anew for each newcomer.
    pub fn reload(&self, config: &Config) {
        self.app.origins.replace(&config.web.origins);
        self.app.throttles.whep.allow(config.whep_offers_per_minute);
        self.app.media.set_limits(config.max_viewers, config.viewer_limits);
    }

    /// Says goodbye to every socket, finishes what is being answered, and closes every port and the database.
    pub async fn stop(mut self) {
        // Without a drain nobody has closed them yet, and who came in during the farewell would be cut off at once.
        if !self.app.doors.are_closed() {
            self.app.doors.close(Instant::now() + FAREWELL);
            self.app.nodes.say_card();
        }
        self.app.relay.close();
        self.app.event_streams.close();
        self.app.metrics.close();
        self.app.sockets.close();
        let _ = timeout(FAREWELL, self.app.sockets.wait()).await; // whoever does not listen misses it
        self.stop.cancel();
        let finished = timeout(FAREWELL, async { while self.running.join_next().await.is_some() {} }).await;
        if finished.is_err() {
            tracing::warn!("some requests were cut off: they took longer than the farewell");
        }
        self.running.shutdown().await;
        self.tasks.close();
        self.tasks.wait().await;
        self.app.nodes.stop().await;
        self.app.media.shutdown().await;
        self.app.store.close().await;
    }
}

fn media_config(config: &Config) -> MediaConfig {
    MediaConfig {
        srt: config.srt,
        webrtc: config.webrtc,
        shards: config.webrtc_shards,
        public_addresses: config.public_addresses.clone(),
        max_viewers: config.max_viewers,
        quality: config.quality_rule.0,
        limits: config.viewer_limits,
    }
}

fn metrics_error(address: SocketAddr, error: MetricsError) -> StartError {
    match error {
        MetricsError::Port(cause) => port_error(address, "metrics")(cause),
        error => StartError::Metrics(error),
    }
}

fn port_error(address: SocketAddr, setting: &'static str) -> impl FnOnce(std::io::Error) -> StartError {
    move |cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse { port: address.port(), setting },
        _ => StartError::Port { address, setting, cause },
    }
}
