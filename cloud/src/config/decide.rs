//! The settings, put over their defaults and checked together.
//!
//! It refuses half of a pair and what is no address, by the setting's name. Invariant: a default stands here or in the
//! default of its type, and nowhere else.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::certificate::SaidCertificate;
use super::{BusPlace, Config, ConfigError, Place, Role, Settings, WebConfig};
use crate::api::whep::ice_servers::IceServers;
use crate::auth::oidc::OidcPlace;
use crate::media::ViewerLimits;
use crate::origin::{Origin, Origins};
use crate::proxies::Proxies;
use crate::store::DatabaseUrl;
use crate::telemetry::LogConfig;

impl Settings {
    /// Adds the file and the defaults.
    ///
    /// # Errors
    /// Names the file, the key or the pair that cannot be used.
    pub fn decide(self) -> Result<Config, ConfigError> {
        let said = self.with_file()?;
        let listen = said.listen.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let port = |said: Option<u16>, default| SocketAddr::new(listen, said.unwrap_or(default));
        let names = said.public_name.unwrap_or_default();
        let http = said.http_port.map(|port| SocketAddr::new(listen, port));
        let certificate = SaidCertificate {
            files: (said.tls_cert, said.tls_key),
            challenge: said.acme_challenge,
            contact: said.acme_contact,
            directory: said.acme_directory,
            authority: said.acme_authority,
            dns_hook: said.acme_dns_hook,
        };
        let certificate = certificate.decide(&names, http.is_some())?;
        let origins = said.allow_origin.unwrap_or_default();
        let web = WebConfig {
            http,
            connections_per_address: said
                .max_connections_per_address
                .unwrap_or(WebConfig::default().connections_per_address),
            origins: Origins::new(origins.iter().map(|text| Origin::parse(text)).collect::<Result<_, _>>()?),
            proxies: Proxies {
                trusted: said.trusted_proxy.unwrap_or_default(),
                header: said.proxy_header.unwrap_or_default(),
            },
        };
        let max_viewers = said.max_viewers.unwrap_or(500);
        let usual = ViewerLimits::default();
        let viewer_limits = ViewerLimits {
            per_session: said.max_viewers_per_session.unwrap_or(usual.per_session),
            per_participant: said.max_viewers_per_participant.unwrap_or(usual.per_participant),
            unfinished_per_address: said.max_unfinished_per_address.unwrap_or(usual.unfinished_per_address),
            handshake: said.whep_handshake.map_or(usual.handshake, Duration::from_secs),
        };
        let ice_servers = ice_servers(
            said.stun_url.unwrap_or_default(),
            said.turn_url.unwrap_or_default(),
            said.turn_secret_file,
        )?;
        let data_dir = match said.data_dir {
            Some(dir) => dir,
            None => default_data_dir()?,
        };
        let oidc = said.oidc_client_id.map(|client| {
            OidcPlace::new(said.oidc_issuer, client, said.oidc_client_secret_file, said.public_url)
        });
        let database = database(said.database_url, &data_dir);
        let bus = said.bus.unwrap_or_default();
        if matches!(database, DatabaseUrl::Sqlite(_)) && !matches!(bus, BusPlace::Alone) {
            return Err(ConfigError::BusWithFile);
        }
        let place = place(said.role.unwrap_or_default(), said.node_url.as_deref(), &bus)?;
        Ok(Config {
            database,
            data_dir,
            bus,
            place,
            registration: said.registration.unwrap_or_default(),
            second_factor: said.second_factor.unwrap_or_default(),
            password_cost: crate::auth::COST,
            https: port(said.https_port, 8443),
            srt: port(said.srt_port, 8890),
            webrtc: port(said.webrtc_port, 8189),
            webrtc_shards: said.webrtc_shards.unwrap_or_else(|| shards_for(max_viewers, available_cores())),
            metrics: said.metrics.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464)),
            metrics_token_file: said.metrics_token_file,
            metrics_viewers: said.metrics_viewers.unwrap_or(100),
            public_addresses: said.public_address.unwrap_or_default(),
            public_names: names,
            oidc: oidc.transpose()?,
            clock_peer: said.clock_peer,
            certificate,
            max_viewers,
            quality_rule: said.quality_rule.unwrap_or_default(),
            viewer_limits,
            whep_offers_per_minute: said.whep_offers_per_minute.unwrap_or(600),
            ice_servers,
            max_connections: said.max_connections.unwrap_or(4096),
            web,
            audit_days: said.audit_days.unwrap_or(365),
            drain: Duration::from_secs(said.drain_seconds.unwrap_or(0)),
            log: LogConfig {
                filter: said.log.unwrap_or_else(|| "info".to_owned()),
                format: said.log_format.unwrap_or_default(),
                otlp_endpoint: said.otlp_endpoint.map(collector).transpose()?,
                sentry_dsn: said.sentry_dsn,
            },
            ready_file: said.ready_file,
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

/// A role that needs others has some, and a way for them to it.
fn place(role: Role, url: Option<&str>, bus: &BusPlace) -> Result<Place, ConfigError> {
    let url =
        url.map(|url| Origin::parse(url.trim_end_matches('/')).map_err(ConfigError::NodeUrl)).transpose()?;
    let alone = matches!(bus, BusPlace::Alone) || url.is_none();
    match role {
        Role::Origin if alone => Err(ConfigError::RoleAlone("origin")),
        Role::Edge if alone => Err(ConfigError::RoleAlone("edge")),
        _ => Ok(Place { role, url: url.map(|url| url.as_str().to_owned()) }),
    }
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

/// Up to what OTLP puts behind it; a password in it would be a secret on a command line.
fn collector(url: String) -> Result<String, ConfigError> {
    let place = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    if place.is_some_and(|place| !place.is_empty() && !place.contains(['@', '?', '#', ' '])) {
        return Ok(url);
    }
    Err(ConfigError::Collector(url))
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
    use crate::config::LogFormat;
    use crate::proxies::ProxyHeader;

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
        assert_eq!(config.log.format, LogFormat::Json);
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
    fn servers_that_hear_each_other_need_one_truth() {
        for bus in ["database", "nats://127.0.0.1"] {
            let (_dir, settings) = file(&format!("bus = \"{bus}\""));
            assert!(settings.clone().decide().unwrap_err().to_string().contains("PostgreSQL"), "{bus}");
            let database_url = Some("postgres://ada@localhost/shows".parse().unwrap());
            assert!(Settings { database_url, ..settings }.decide().is_ok(), "{bus}");
        }
        let (_dir, settings) = file("bus = \"redis://a:planted@b\"");
        let told = settings.decide().unwrap_err().to_string();
        assert!(told.contains("nats://USER:PASSWORD@HOST"), "{told}");
    }

    #[test]
    fn a_role_among_others_needs_others_and_an_address_of_its_own() {
        let whole = "bus = \"nats://127.0.0.1\"\ndatabase_url = \"postgres://ada@localhost/shows\"\n";
        let url = "node_url = \"https://one.example.org/\"\n";
        for role in ["origin", "edge"] {
            let role = format!("role = \"{role}\"\n");
            for missing in [format!("{whole}{role}"), format!("{url}{role}")] {
                let (_dir, settings) = file(&missing);
                assert!(settings.decide().unwrap_err().to_string().contains("node_url"), "{missing}");
            }
            let (_dir, settings) = file(&format!("{whole}{url}{role}"));
            assert_eq!(settings.decide().unwrap().place.url.as_deref(), Some("https://one.example.org"));
        }
        let (_dir, settings) = file(&format!("{whole}node_url = \"one.example.org\""));
        assert!(settings.decide().unwrap_err().to_string().contains("node_url"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let settings = Settings { config: Some("/nonexistent/rf.toml".into()), ..Settings::default() };
        assert!(settings.decide().unwrap_err().to_string().contains("/nonexistent/rf.toml"));
    }
}
