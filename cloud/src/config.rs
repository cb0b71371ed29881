//! What a server runs by: every setting, decided.
//!
//! `said` is what a person may write and where; `decide` puts it over the defaults and refuses what cannot be. Invariant:
//! a [`Config`] needs no further checks.

mod certificate;
mod changed;
mod decide;
mod said;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;

use crate::api::whep::ice_servers::IceServers;
use crate::auth::oidc::{OidcPlace, PlaceError};
use crate::media::ViewerLimits;
use crate::origin::{BadOrigin, Origins};
use crate::proxies::Proxies;
use crate::quality_rule::QualityRule;
use crate::store::{DatabaseUrl, Standing};
use crate::telemetry::LogConfig;
use crate::tls::Acme;

pub use changed::{Changed, changed};
pub(crate) use decide::database;
pub use said::Settings;

pub use crate::nodes::{Place, Role};
pub use crate::relay::BusPlace;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Plain,
    /// One JSON object each line.
    Json,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Nobody; a host makes accounts on the command line.
    #[default]
    Closed,
    /// Who has a link of a host.
    Invite,
    /// Everybody.
    Open,
}

/// Of whom a second factor is wanted. Who lacks it logs in all the same, and is led to it: nobody is locked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorPolicy {
    /// Of nobody; everybody may have one.
    Optional,
    /// Of hosts: without one they are none.
    #[default]
    Hosts,
    /// Of everybody with a password: without one they reach their account alone.
    All,
}

impl SecondFactorPolicy {
    /// Whether an account with a password needs one.
    pub fn wants(self, host: bool) -> bool {
        match self {
            Self::Optional => false,
            Self::Hosts => host,
            Self::All => true,
        }
    }

    /// Whether this bearer has yet to set one up.
    pub fn is_missing(self, standing: Standing) -> bool {
        standing.by_password_alone && self.wants(standing.host)
    }
}

/// Where the server's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// Made by the server, kept in its data directory.
    SelfSigned,
    /// Made by somebody else.
    Files {
        /// Chain, PEM.
        cert: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
    /// Made by an authority that is asked for it.
    Acme(Acme),
}

/// All settings, decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// Keys, the certificate, and the database where it is a file.
    pub data_dir: PathBuf,
    /// Accounts and sessions.
    pub database: DatabaseUrl,
    /// Where other servers are heard.
    pub bus: BusPlace,
    /// What this server does among the others, and where it is reached.
    pub place: Place,
    /// Who may make an account.
    pub registration: Registration,
    /// Of whom a second factor is wanted.
    pub second_factor: SecondFactorPolicy,
    /// bcrypt's cost of a password; no setting, so that only a test has another one than [`auth::COST`](crate::auth::COST).
    pub password_cost: u32,
    /// HTTPS.
    pub https: SocketAddr,
    /// SRT.
    pub srt: SocketAddr,
    /// WebRTC, the first shard's.
    pub webrtc: SocketAddr,
    /// Threads that serve viewers.
    pub webrtc_shards: NonZeroUsize,
    /// Prometheus.
    pub metrics: SocketAddr,
    /// What Prometheus shows.
    pub metrics_token_file: Option<PathBuf>,
    /// Bound, in each session.
    pub metrics_viewers: usize,
    /// For viewers; empty: every local one.
    pub public_addresses: Vec<IpAddr>,
    /// For the self-signed certificate.
    pub public_names: Vec<String>,
    /// Where else one can sign in.
    pub oidc: Option<OidcPlace>,
    /// A web server whose `Date` this machine's clock is compared with.
    pub clock_peer: Option<String>,
    /// For HTTPS.
    pub certificate: Certificate,
    /// Bound.
    pub max_viewers: usize,
    /// Lines between the layers.
    pub quality_rule: QualityRule,
    /// Bounds on viewer sessions beside `max_viewers`.
    pub viewer_limits: ViewerLimits,
    /// Bound, of one address.
    pub whep_offers_per_minute: u32,
    /// Told to players.
    pub ice_servers: IceServers,
    /// Bound.
    pub max_connections: usize,
    /// Who stands before the TCP port, and whose pages come to it.
    pub web: WebConfig,
    /// How long who is in may finish, once the server is told to end.
    pub drain: Duration,
    /// How long the audit stands; 0: for ever.
    pub audit_days: u32,
    /// What is said, how, and where to.
    pub log: LogConfig,
    /// Written when everything listens.
    pub ready_file: Option<PathBuf>,
}

/// Who stands before the TCP port, and whose pages come to it.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Plain HTTP, for whoever comes by it.
    pub http: Option<SocketAddr>,
    /// Bound.
    pub connections_per_address: usize,
    /// Whose pages may use the API beside our own.
    pub origins: Origins,
    /// Whose word on who asks is taken.
    pub proxies: Proxies,
}

impl Default for WebConfig {
    fn default() -> Self {
        let (origins, proxies) = (Origins::default(), Proxies::default());
        Self { http: None, connections_per_address: 3072, origins, proxies }
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the settings file {}: {cause}", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not understood; the cause names the line and the key.
    #[error("the settings file {} is not understood: {cause}", .path.display())]
    NotUnderstood {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: Box<toml::de::Error>,
    },
    /// Half a certificate.
    #[error("tls_cert and tls_key go together: set both, or neither for a self-signed certificate")]
    HalfCertificate,
    /// Two ways to a certificate at once.
    #[error("tls_cert and acme_challenge are two ways to a certificate: set one of them")]
    TwoCertificates,
    /// A certificate for nobody.
    #[error("acme_challenge needs public_name: the host names, not addresses, that the certificate is for")]
    AcmeWithoutName,
    /// A way to prove names without what it takes.
    #[error("acme_challenge {challenge} needs {setting}")]
    AcmeNeeds {
        /// Which way.
        challenge: &'static str,
        /// The name of the setting.
        setting: &'static str,
    },
    /// Something about ACME without ACME.
    #[error("{0} does nothing without acme_challenge; set that to http-01, tls-alpn-01 or dns-01")]
    AcmeOff(&'static str),
    /// An origin is none.
    #[error("allow_origin: {0}")]
    Origin(#[from] BadOrigin),
    /// An address of a STUN or TURN server is none.
    #[error("{setting}: \"{url}\" is no address of such a server; write it like {example}")]
    IceServer {
        /// The name of the setting.
        setting: &'static str,
        /// What stands there.
        url: String,
        /// What could stand there.
        example: &'static str,
    },
    /// TURN without a secret, or a secret without TURN.
    #[error("turn_url and turn_secret_file go together: set both, or neither")]
    HalfTurn,
    /// The secret cannot be read.
    #[error("cannot read turn_secret_file {}: {cause}", .path.display())]
    TurnSecret {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The OpenID provider.
    #[error(transparent)]
    Oidc(#[from] PlaceError),
    /// Servers that hear each other have one truth.
    #[error(
        "bus: servers that hear each other share one PostgreSQL: set database_url to it, or leave bus out where there is \
         one server"
    )]
    BusWithFile,
    /// Alone there is nobody to hand pictures to or to fetch them from.
    #[error("role {0} needs other servers: set bus, and node_url to where this one is reached")]
    RoleAlone(&'static str),
    /// Where a server is reached is none.
    #[error("node_url: {0}")]
    NodeUrl(BadOrigin),
    /// The address of a collector.
    #[error("otlp_endpoint: \"{0}\" is no address of a collector; write it like http://127.0.0.1:4318")]
    Collector(String),
    /// There is no home to put the data in.
    #[error("no place for the data: set --data-dir (there is neither XDG_DATA_HOME nor HOME)")]
    NoDataDir,
}
