//! The settings as a person gives them: flags over environment over one TOML file.
//!
//! It refuses a key of the file that it does not know, by name. Invariant: each setting is declared once, below,
//! and is a flag `--name`, a variable `RETURNFEED_NAME` and a key `name` at the same time.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::{BusPlace, ConfigError, LogFormat, Registration, Role, SecondFactorPolicy};
use crate::network::Network;
use crate::proxies::ProxyHeader;
use crate::quality_rule::QualityRule;
use crate::store::DatabaseUrl;
use crate::telemetry::Dsn;
use crate::tls::AcmeChallenge;

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

    /// Where the servers of the same sessions hear each other: nowhere, there is one (`alone`), in the PostgreSQL of
    /// database_url (`database`), or at `nats://USER:PASSWORD@HOST:4222` (`tls://` with TLS; several of a cluster with
    /// commas between them) [default: alone]
    #[arg(long, value_name = "WHERE", env = "RETURNFEED_BUS", hide_env_values = true)]
    pub bus: Option<BusPlace>,

    /// What this server does where there are others: everything, take pushes and leave viewers to the edges, or serve
    /// viewers what it fetches from the others [default: all]
    #[arg(long, value_name = "ROLE", env = "RETURNFEED_ROLE")]
    pub role: Option<Role>,

    /// Address at which viewers and the other servers reach this server and no other, such as
    /// https://one.live.example.org; they reach srt_port at the same host
    #[arg(long, value_name = "URL", env = "RETURNFEED_NODE_URL")]
    pub node_url: Option<String>,

    /// Who may make an account: nobody, who was invited by a host, or everybody [default: closed]
    #[arg(long, value_name = "WHO", env = "RETURNFEED_REGISTRATION")]
    pub registration: Option<Registration>,

    /// Of whom a second factor beside the password is wanted: nobody, hosts, or everybody [default: hosts]
    #[arg(long, value_name = "WHOM", env = "RETURNFEED_SECOND_FACTOR")]
    pub second_factor: Option<SecondFactorPolicy>,

    /// Address that the three public ports listen on [default: 0.0.0.0]
    #[arg(long, value_name = "IP", env = "RETURNFEED_LISTEN")]
    pub listen: Option<IpAddr>,

    /// TCP port for pages, API, WHEP and sockets; 0: any free one [default: 8443]
    #[arg(long, value_name = "PORT", env = "RETURNFEED_HTTPS_PORT")]
    pub https_port: Option<u16>,

    /// TCP port for plain HTTP, 80 on a public server: sends pages to HTTPS and proves names by http-01 [default: none]
    #[arg(long, value_name = "PORT", env = "RETURNFEED_HTTP_PORT")]
    pub http_port: Option<u16>,

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

    /// Address of this server as people's browsers know it, such as https://live.example.org
    #[arg(long, value_name = "URL", env = "RETURNFEED_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// What this server is called at the OpenID provider; without it nobody signs in there
    #[arg(long, value_name = "ID", env = "RETURNFEED_OIDC_CLIENT_ID")]
    pub oidc_client_id: Option<String>,

    /// File with the secret that goes with it, where the provider gave one
    #[arg(long, value_name = "FILE", env = "RETURNFEED_OIDC_CLIENT_SECRET_FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,

    /// OpenID provider to sign in at [default: https://accounts.google.com]
    #[arg(long, value_name = "URL", env = "RETURNFEED_OIDC_ISSUER")]
    pub oidc_issuer: Option<String>,

    /// Web server whose Date this machine's clock is compared with at each start, such as https://example.org/
    #[arg(long, value_name = "URL", env = "RETURNFEED_CLOCK_PEER")]
    pub clock_peer: Option<String>,

    /// Certificate chain in PEM, in place of the self-signed one
    #[arg(long, value_name = "FILE", env = "RETURNFEED_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,

    /// Private key in PEM of that certificate
    #[arg(long, value_name = "FILE", env = "RETURNFEED_TLS_KEY")]
    pub tls_key: Option<PathBuf>,

    /// Have an authority make the certificate for each public_name (ACME; you agree to its terms), and prove the names
    /// to it in this way
    #[arg(long, value_name = "CHALLENGE", env = "RETURNFEED_ACME_CHALLENGE")]
    pub acme_challenge: Option<AcmeChallenge>,

    /// E-mail address that the authority may write to
    #[arg(long, value_name = "EMAIL", env = "RETURNFEED_ACME_CONTACT")]
    pub acme_contact: Option<String>,

    /// The authority's directory [default: https://acme-v02.api.letsencrypt.org/directory]
    #[arg(long, value_name = "URL", env = "RETURNFEED_ACME_DIRECTORY")]
    pub acme_directory: Option<String>,

    /// Root certificate in PEM of an authority that this machine does not know
    #[arg(long, value_name = "FILE", env = "RETURNFEED_ACME_AUTHORITY")]
    pub acme_authority: Option<PathBuf>,

    /// Program for dns-01, run as `PROGRAM set|clear NAME VALUE`; it returns when that can be seen
    #[arg(long, value_name = "PROGRAM", env = "RETURNFEED_ACME_DNS_HOOK")]
    pub acme_dns_hook: Option<PathBuf>,

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

    /// Days for which the audit says who did what, and old logins and used links stand; 0: for ever [default: 365]
    #[arg(long, value_name = "DAYS", env = "RETURNFEED_AUDIT_DAYS")]
    pub audit_days: Option<u32>,

    /// Seconds for which who is in may finish once the server is told to end, and nobody new comes in; it ends sooner
    /// where nobody is there any more, and at once when told a second time [default: 0]
    #[arg(long, value_name = "SECONDS", env = "RETURNFEED_DRAIN_SECONDS")]
    pub drain_seconds: Option<u64>,

    /// Level of our own messages (error, warn, info, debug, trace), or a filter such as `info,sqlx=debug`
    /// [default: info]
    #[arg(long, value_name = "FILTER", env = "RETURNFEED_LOG")]
    pub log: Option<String>,

    /// How log lines look [default: plain]
    #[arg(long, value_name = "FORMAT", env = "RETURNFEED_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,

    /// OpenTelemetry collector that traces and logs are sent to by OTLP over HTTP, such as http://127.0.0.1:4318
    /// [default: none]
    #[arg(long, value_name = "URL", env = "RETURNFEED_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,

    /// Server that errors are reported to, scrubbed, by Sentry's protocol: https://KEY@HOST/PROJECT [default: none]
    #[arg(long, value_name = "DSN", env = "RETURNFEED_SENTRY_DSN", hide_env_values = true)]
    pub sentry_dsn: Option<Dsn>,

    /// Written when everything listens: a JSON object with the ports and the certificate's path
    #[arg(long, value_name = "FILE", env = "RETURNFEED_READY_FILE")]
    pub ready_file: Option<PathBuf>,
}

impl Settings {
    /// These, and where one was not given, the file's.
    pub(super) fn with_file(self) -> Result<Self, ConfigError> {
        match &self.config {
            Some(path) => {
                let file = read(path)?;
                Ok(self.over(file))
            }
            None => Ok(self),
        }
    }

    fn over(self, file: Self) -> Self {
        macro_rules! either {
            ($($name:ident)+) => { Self { config: self.config, $($name: self.$name.or(file.$name),)+ } };
        }
        either! {
            data_dir database_url bus role node_url registration second_factor listen https_port http_port srt_port webrtc_port
            webrtc_shards metrics metrics_token_file metrics_viewers public_address public_name public_url
            oidc_client_id oidc_client_secret_file oidc_issuer clock_peer tls_cert tls_key acme_challenge acme_contact
            acme_directory acme_authority acme_dns_hook max_viewers quality_rule max_viewers_per_session max_viewers_per_participant
            max_unfinished_per_address whep_handshake whep_offers_per_minute stun_url turn_url
            turn_secret_file max_connections max_connections_per_address allow_origin trusted_proxy
            proxy_header drain_seconds audit_days log log_format otlp_endpoint sentry_dsn ready_file
        }
    }
}

fn read(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
    toml::from_str(&text)
        .map_err(|cause| ConfigError::NotUnderstood { path: path.to_owned(), cause: Box::new(cause) })
}
