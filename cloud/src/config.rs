//! The settings: flags over environment over one TOML file over defaults.
//!
//! It refuses a key of the file that it does not know, by name. Invariant: each setting is declared once, below,
//! and is a flag `--name`, a variable `RETURNFEED_NAME` and a key `name` at the same time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use secrecy::SecretString;
use serde::Deserialize;

use crate::api::whep::ice_servers::IceServers;
use crate::media::ViewerLimits;
use crate::network::Network;
use crate::origin::{BadOrigin, Origin, Origins};
use crate::proxies::{Proxies, ProxyHeader};
use crate::quality_rule::QualityRule;
use crate::store::DatabaseUrl;

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

/// Each setting as it was given, or not.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// TOML file with these same names as keys (with `_` for `-`)
    #[arg(long, value_name = "FILE", env = "RETURNFEED_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Where accounts, sessions, keys and the self-signed certificate live
    #[arg(long, value_name = "DIR", env = "RETURNFEED_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// The database: `sqlite:PATH` (a relative path is inside the data directory) or
    /// `postgres://USER:PASSWORD@HOST/NAME` [default: sqlite:returnfeed.db]
    #[arg(long, value_name = "URL", env = "RETURNFEED_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<DatabaseUrl>,

    /// Who may make an account: nobody, who was invited by a host, or everybody [default: closed]
    #[arg(long, value_name = "WHO", env = "RETURNFEED_REGISTRATION")]
    pub registration: Option<Registration>,

    /// Address that the three public ports listen on [default: 0.0.0.0]
    #[arg(long, value_name = "IP", env = "RETURNFEED_LISTEN")]
    pub listen: Option<IpAddr>,

    /// TCP port for pages, API, WHEP and sockets; 0: any free one [default: 8443]
    #[arg(long, value_name = "PORT", env = "RETURNFEED_HTTPS_PORT")]
    pub https_port: Option<u16>,

    /// UDP port for SRT encoders; 0: any free one [default: 8890]
    #[arg(long, value_name = "PORT", env = "RETURNFEED_SRT_PORT")]
    pub srt_port: Option<u16>,

    /// First UDP port for WebRTC viewers, each shard has its own; 0: any free ones [default: 8189]
    #[arg(long, value_name = "PORT", env = "RETURNFEED_WEBRTC_PORT")]
    pub webrtc_port: Option<u16>,

    /// Threads that serve WebRTC viewers, each on its own UDP port from webrtc_port on, all to be open in the
    /// firewall [default: one for each 200 of max_viewers, at most one a core]
    #[arg(long, value_name = "N", env = "RETURNFEED_WEBRTC_SHARDS")]
    pub webrtc_shards: Option<NonZeroUsize>,

    /// Address and port for Prometheus [default: 127.0.0.1:9464]
    #[arg(long, value_name = "IP:PORT", env = "RETURNFEED_METRICS")]
    pub metrics: Option<SocketAddr>,

    /// File with the token that Prometheus shows (16 characters or more); needed where the metrics can be reached
    /// from other machines
    #[arg(long, value_name = "FILE", env = "RETURNFEED_METRICS_TOKEN_FILE")]
    pub metrics_token_file: Option<PathBuf>,

    /// Viewers of one session with labels of their own; the others share one [default: 100]
    #[arg(long, value_name = "N", env = "RETURNFEED_METRICS_VIEWERS")]
    pub metrics_viewers: Option<usize>,

    /// Address that viewers reach this machine by, when it is not one of its own; repeatable
    #[arg(long, value_name = "IP", env = "RETURNFEED_PUBLIC_ADDRESS", value_delimiter = ',')]
    pub public_address: Option<Vec<IpAddr>>,

    /// Host name of this server: for the certificate; repeatable
    #[arg(long, value_name = "NAME", env = "RETURNFEED_PUBLIC_NAME", value_delimiter = ',')]
    pub public_name: Option<Vec<String>>,

    /// Certificate chain in PEM, in place of the self-signed one
    #[arg(long, value_name = "FILE", env = "RETURNFEED_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,

    /// Private key in PEM of that certificate
    #[arg(long, value_name = "FILE", env = "RETURNFEED_TLS_KEY")]
    pub tls_key: Option<PathBuf>,

    /// WHEP viewer sessions at once [default: 500]
    #[arg(long, value_name = "N", env = "RETURNFEED_MAX_VIEWERS")]
    pub max_viewers: Option<usize>,

    /// Where viewers are moved between the layers, as name=number,.. [default: down_loss=0.03,down_rtt_ms=150,
    /// down_kbps=200,up_loss=0.01,up_rtt_ms=100,up_kbps=1500,cooldown_ms=5000]
    #[arg(long, value_name = "LINES", env = "RETURNFEED_QUALITY_RULE")]
    pub quality_rule: Option<QualityRule>,
    /// WHEP viewer sessions of one session at once [default: 500]
    #[arg(long, value_name = "N", env = "RETURNFEED_MAX_VIEWERS_PER_SESSION")]
    pub max_viewers_per_session: Option<usize>,

    /// WHEP viewer sessions of one participant at once [default: 8]
    #[arg(long, value_name = "N", env = "RETURNFEED_MAX_VIEWERS_PER_PARTICIPANT")]
    pub max_viewers_per_participant: Option<usize>,

    /// WHEP viewer sessions of one address that have not connected yet [default: 100]
    #[arg(long, value_name = "N", env = "RETURNFEED_MAX_UNFINISHED_PER_ADDRESS")]
    pub max_unfinished_per_address: Option<usize>,

    /// Seconds in which a WHEP viewer session must connect [default: 10]
    #[arg(long, value_name = "SECONDS", env = "RETURNFEED_WHEP_HANDSHAKE")]
    pub whep_handshake: Option<u64>,

    /// WHEP offers of one address a minute [default: 600]
    #[arg(long, value_name = "N", env = "RETURNFEED_WHEP_OFFERS_PER_MINUTE")]
    pub whep_offers_per_minute: Option<u32>,

    /// STUN server to tell players, such as `stun:stun.example.org:3478`; repeatable
    #[arg(long, value_name = "URL", env = "RETURNFEED_STUN_URL", value_delimiter = ',')]
    pub stun_url: Option<Vec<String>>,

    /// TURN server to tell players, such as `turn:turn.example.org:3478?transport=udp`; repeatable
    #[arg(long, value_name = "URL", env = "RETURNFEED_TURN_URL", value_delimiter = ',')]
    pub turn_url: Option<Vec<String>>,

    /// File with the secret that is shared with the TURN servers (coturn: `use-auth-secret`)
    #[arg(long, value_name = "FILE", env = "RETURNFEED_TURN_SECRET_FILE")]
    pub turn_secret_file: Option<PathBuf>,

    /// TCP connections at once [default: 4096]
    #[arg(long, value_name = "N", env = "RETURNFEED_MAX_CONNECTIONS")]
    pub max_connections: Option<usize>,

    /// TCP port for plain HTTP, 80 on a public server: sends everybody to HTTPS [default: none]
    #[arg(long, value_name = "PORT", env = "RETURNFEED_HTTP_PORT")]
    pub http_port: Option<u16>,

    /// TCP connections of one address at once, or of one IPv6 network of 64 bits [default: 3072]
    #[arg(long, value_name = "N", env = "RETURNFEED_MAX_CONNECTIONS_PER_ADDRESS")]
    pub max_connections_per_address: Option<usize>,

    /// Origin whose pages may use the API, such as `https://studio.example.org`; repeatable
    #[arg(long, value_name = "ORIGIN", env = "RETURNFEED_ALLOW_ORIGIN", value_delimiter = ',')]
    pub allow_origin: Option<Vec<String>>,

    /// Network of a proxy in front of this server, whose word on who asks is taken; repeatable
    #[arg(long, value_name = "NETWORK", env = "RETURNFEED_TRUSTED_PROXY", value_delimiter = ',')]
    pub trusted_proxy: Option<Vec<Network>>,

    /// The header in which those proxies say it [default: x-forwarded-for]
    #[arg(long, value_name = "HEADER", env = "RETURNFEED_PROXY_HEADER")]
    pub proxy_header: Option<ProxyHeader>,

    /// Level of our own messages (error, warn, info, debug, trace), or a filter such as `info,sqlx=debug`
    /// [default: info]
    #[arg(long, value_name = "FILTER", env = "RETURNFEED_LOG")]
    pub log: Option<String>,

    /// How log lines look [default: plain]
    #[arg(long, value_name = "FORMAT", env = "RETURNFEED_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,

    /// Written when everything listens: a JSON object with the ports and the certificate's path
    #[arg(long, value_name = "FILE", env = "RETURNFEED_READY_FILE")]
    pub ready_file: Option<PathBuf>,
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
}

/// All settings, decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// Keys, the certificate, and the database where it is a file.
    pub data_dir: PathBuf,
    /// Accounts and sessions.
    pub database: DatabaseUrl,
    /// Who may make an account.
    pub registration: Registration,
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
    /// Filter.
    pub log: String,
    /// Format.
    pub log_format: LogFormat,
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
    /// There is no home to put the data in.
    #[error("no place for the data: set --data-dir (there is neither XDG_DATA_HOME nor HOME)")]
    NoDataDir,
}

impl Settings {
    /// Adds the file and the defaults.
    ///
    /// # Errors
    /// Names the file, the key or the pair that cannot be used.
    pub fn decide(self) -> Result<Config, ConfigError> {
        let file = match &self.config {
            Some(path) => read(path)?,
            None => Self::default(),
        };
        let listen = self.listen.or(file.listen).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let port = |flag: Option<u16>, file: Option<u16>, default| {
            SocketAddr::new(listen, flag.or(file).unwrap_or(default))
        };
        let names = self.public_name.or(file.public_name).unwrap_or_default();
        let http = self.http_port.or(file.http_port).map(|port| SocketAddr::new(listen, port));
        let certificate = match (self.tls_cert.or(file.tls_cert), self.tls_key.or(file.tls_key)) {
            (Some(cert), Some(key)) => Certificate::Files { cert, key },
            (None, None) => Certificate::SelfSigned,
            (Some(_), None) | (None, Some(_)) => return Err(ConfigError::HalfCertificate),
        };
        let origins = self.allow_origin.or(file.allow_origin).unwrap_or_default();
        let web = WebConfig {
            http,
            connections_per_address: self
                .max_connections_per_address
                .or(file.max_connections_per_address)
                .unwrap_or(WebConfig::default().connections_per_address),
            origins: Origins::new(origins.iter().map(|text| Origin::parse(text)).collect::<Result<_, _>>()?),
            proxies: Proxies {
                trusted: self.trusted_proxy.or(file.trusted_proxy).unwrap_or_default(),
                header: self.proxy_header.or(file.proxy_header).unwrap_or_default(),
            },
        };
        let max_viewers = self.max_viewers.or(file.max_viewers).unwrap_or(500);
        let usual = ViewerLimits::default();
        let viewer_limits = ViewerLimits {
            per_session: self
                .max_viewers_per_session
                .or(file.max_viewers_per_session)
                .unwrap_or(usual.per_session),
            per_participant: self
                .max_viewers_per_participant
                .or(file.max_viewers_per_participant)
                .unwrap_or(usual.per_participant),
            unfinished_per_address: self
                .max_unfinished_per_address
                .or(file.max_unfinished_per_address)
                .unwrap_or(usual.unfinished_per_address),
            handshake: self
                .whep_handshake
                .or(file.whep_handshake)
                .map_or(usual.handshake, Duration::from_secs),
        };
        let ice_servers = ice_servers(
            self.stun_url.or(file.stun_url).unwrap_or_default(),
            self.turn_url.or(file.turn_url).unwrap_or_default(),
            self.turn_secret_file.or(file.turn_secret_file),
        )?;
        let data_dir = match self.data_dir.or(file.data_dir) {
            Some(dir) => dir,
            None => default_data_dir()?,
        };
        Ok(Config {
            database: database(self.database_url.or(file.database_url), &data_dir),
            data_dir,
            registration: self.registration.or(file.registration).unwrap_or_default(),
            password_cost: crate::auth::COST,
            https: port(self.https_port, file.https_port, 8443),
            srt: port(self.srt_port, file.srt_port, 8890),
            webrtc: port(self.webrtc_port, file.webrtc_port, 8189),
            webrtc_shards: self
                .webrtc_shards
                .or(file.webrtc_shards)
                .unwrap_or_else(|| shards_for(max_viewers, available_cores())),
            metrics: self
                .metrics
                .or(file.metrics)
                .unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464)),
            metrics_token_file: self.metrics_token_file.or(file.metrics_token_file),
            metrics_viewers: self.metrics_viewers.or(file.metrics_viewers).unwrap_or(100),
            public_addresses: self.public_address.or(file.public_address).unwrap_or_default(),
            public_names: names,
            certificate,
            max_viewers,
            quality_rule: self.quality_rule.or(file.quality_rule).unwrap_or_default(),
            viewer_limits,
            whep_offers_per_minute: self
                .whep_offers_per_minute
                .or(file.whep_offers_per_minute)
                .unwrap_or(600),
            ice_servers,
            max_connections: self.max_connections.or(file.max_connections).unwrap_or(4096),
            web,
            log: self.log.or(file.log).unwrap_or_else(|| "info".to_owned()),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            ready_file: self.ready_file.or(file.ready_file),
        })
    }
}

/// Viewers that one thread is meant for: it hands each of them a frame within some 3 ms, a fifth of the time to the
/// next one.
const VIEWERS_A_SHARD: usize = 200;

/// More threads than cores would only take turns; more than viewers to serve would only open ports.
fn shards_for(max_viewers: usize, cores: NonZeroUsize) -> NonZeroUsize {
    NonZeroUsize::new(max_viewers.div_ceil(VIEWERS_A_SHARD)).unwrap_or(NonZeroUsize::MIN).min(cores)
}

fn available_cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The file of the data directory, unless another one or a server is named.
pub(crate) fn database(url: Option<DatabaseUrl>, data_dir: &Path) -> DatabaseUrl {
    match url.unwrap_or_else(|| DatabaseUrl::Sqlite("returnfeed.db".into())) {
        DatabaseUrl::Sqlite(path) => DatabaseUrl::Sqlite(data_dir.join(path)),
        server @ DatabaseUrl::Postgres(_) => server,
    }
}

/// What players are told, once it is known to be addresses and a secret.
fn ice_servers(
    stun: Vec<String>,
    turn: Vec<String>,
    secret: Option<PathBuf>,
) -> Result<IceServers, ConfigError> {
    const STUN: (&str, &str) = ("stun_url", "stun:stun.example.org:3478");
    const TURN: (&str, &str) = ("turn_url", "turn:turn.example.org:3478?transport=udp");
    for (url, schemes, (setting, example)) in (stun.iter().map(|url| (url, ["stun:", "stuns:"], STUN)))
        .chain(turn.iter().map(|url| (url, ["turn:", "turns:"], TURN)))
    {
        let host = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or_default();
        // It goes into a header: nothing that could end its place there (RFC 7064 3.1, RFC 7065 3.1).
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_~:[]?=%".contains(c);
        if host.is_empty() || !host.chars().all(allowed) {
            return Err(ConfigError::IceServer { setting, url: url.clone(), example });
        }
    }
    let turn_secret = match (&secret, turn.is_empty()) {
        (None, true) => None,
        (Some(path), false) => {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|cause| ConfigError::TurnSecret { path: path.clone(), cause })?;
            Some(SecretString::from(text.trim()))
        }
        (None, false) | (Some(_), true) => return Err(ConfigError::HalfTurn),
    };
    Ok(IceServers { stun, turn, turn_secret })
}

fn read(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
    toml::from_str(&text)
        .map_err(|cause| ConfigError::NotUnderstood { path: path.to_owned(), cause: Box::new(cause) })
}

fn default_data_dir() -> Result<PathBuf, ConfigError> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_DATA_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("returnfeed"))
        .ok_or(ConfigError::NoDataDir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, Settings) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("returnfeed.toml");
        std::fs::write(&path, text).unwrap();
        let data_dir = Some(dir.path().to_owned());
        (dir, Settings { config: Some(path), data_dir, ..Settings::default() })
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let (_dir, settings) = file("https_port = 1\nsrt_port = 2\nlog_format = \"json\"");
        let config = Settings { https_port: Some(9), ..settings }.decide().unwrap();
        assert_eq!((config.https.port(), config.srt.port(), config.webrtc.port()), (9, 2, 8189));
        assert_eq!(config.log_format, LogFormat::Json);
    }

    #[test]
    fn the_default_ports_are_the_documented_ones() {
        let config = file("").1.decide().unwrap();
        let ports = [config.https, config.srt, config.webrtc, config.metrics].map(|address| address.port());
        assert_eq!(ports, [8443, 8890, 8189, 9464]);
        assert!(config.metrics.ip().is_loopback() && !config.https.ip().is_loopback());
    }

    #[test]
    fn shards_are_as_many_as_the_viewers_need_and_the_cores_can_run() {
        let shards = |viewers, cores| shards_for(viewers, NonZeroUsize::new(cores).unwrap()).get();
        assert_eq!([shards(500, 64), shards(500, 2), shards(200, 8), shards(0, 8)], [3, 2, 1, 1]);
        let (_dir, settings) = file("webrtc_shards = 7");
        assert_eq!(settings.decide().unwrap().webrtc_shards.get(), 7);
        assert!(toml::from_str::<Settings>("webrtc_shards = 0").is_err());
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let (_dir, settings) = file("htps_port = 1");
        assert!(settings.decide().unwrap_err().to_string().contains("htps_port"));
    }

    #[test]
    fn half_a_certificate_is_refused() {
        let (_dir, settings) = file("tls_cert = \"a.pem\"");
        assert!(settings.decide().unwrap_err().to_string().contains("tls_key"));
    }

    #[test]
    fn what_is_no_origin_and_no_network_is_refused_by_name() {
        let (_dir, settings) = file("allow_origin = [\"studio\"]");
        assert!(settings.decide().unwrap_err().to_string().contains("allow_origin"));
        let (_dir, settings) = file("trusted_proxy = [\"10.0.0.0/33\"]");
        let told = settings.decide().unwrap_err().to_string();
        assert!(told.contains("trusted_proxy") && told.contains("10.0.0.0/33"), "{told}");
        let (_dir, settings) = file("trusted_proxy = [\"10.0.0.0/8\"]\nproxy_header = \"forwarded\"");
        let web = settings.decide().unwrap().web;
        assert!(
            web.proxies.trust("10.1.2.3".parse().unwrap()) && web.proxies.header == ProxyHeader::Forwarded
        );
    }

    #[test]
    fn turn_needs_its_secret_and_addresses_that_are_some() {
        let (dir, settings) = file("turn_url = [\"turn:turn.example.org\"]");
        assert!(settings.clone().decide().unwrap_err().to_string().contains("turn_secret_file"));
        let secret = dir.path().join("secret");
        std::fs::write(&secret, "north\n").unwrap();
        let whole = Settings { turn_secret_file: Some(secret), ..settings };
        assert_eq!(whole.clone().decide().unwrap().ice_servers.turn, ["turn:turn.example.org"]);
        for url in ["http://turn.example.org", "turn:", "turn:a>; rel=\"x", "stun:a"] {
            let wrong = Settings { turn_url: Some(vec![url.to_owned()]), ..whole.clone() };
            assert!(wrong.decide().unwrap_err().to_string().contains("turn_url"), "{url}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let settings = Settings { config: Some("/nonexistent/rf.toml".into()), ..Settings::default() };
        assert!(settings.decide().unwrap_err().to_string().contains("/nonexistent/rf.toml"));
    }
}
