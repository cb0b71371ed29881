//! Which settings differ between two readings, by name.

use super::Config;

/// What a running server takes up on SIGHUP.
const WHILE_RUNNING: [&str; 7] = [
    "log",
    "allow_origin",
    "max_viewers",
    "max_viewers_per_session",
    "max_viewers_per_participant",
    "max_unfinished_per_address",
    "whep_offers_per_minute",
];

/// The settings that differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// These are taken up while the server runs.
    pub now: Vec<&'static str>,
    /// These stay as they were until it is started again.
    pub at_restart: Vec<&'static str>,
}

/// Holds a running server's settings against what the file says now.
pub fn changed(old: &Config, new: &Config) -> Changed {
    let mut changed = Changed::default();
    for ((name, before), (_, after)) in texts(old).into_iter().zip(texts(new)) {
        if before == after {
            continue;
        }
        if WHILE_RUNNING.contains(&name) { changed.now.push(name) } else { changed.at_restart.push(name) }
    }
    changed
}

fn texts(config: &Config) -> Vec<(&'static str, String)> {
    // Taken apart, so that a setting that is new cannot be forgotten here.
    let Config {
        data_dir,
        database,
        bus,
        place,
        registration,
        second_factor,
        password_cost: _,
        https,
        srt,
        webrtc,
        webrtc_shards,
        metrics,
        metrics_token_file,
        metrics_viewers,
        public_addresses,
        public_names,
        oidc,
        clock_peer,
        certificate,
        max_viewers,
        quality_rule,
        viewer_limits,
        whep_offers_per_minute,
        ice_servers,
        max_connections,
        web,
        log,
        ready_file,
        drain,
        audit_days,
    } = config;
    vec![
        ("data_dir", format!("{data_dir:?}")),
        ("database_url", format!("{database:?}")),
        ("bus", format!("{bus:?}")),
        ("role", format!("{:?}", place.role)),
        ("node_url", format!("{:?}", place.url)),
        ("registration", format!("{registration:?}")),
        ("second_factor", format!("{second_factor:?}")),
        ("listen or https_port", format!("{https:?}")),
        ("srt_port", format!("{srt:?}")),
        ("webrtc_port", format!("{webrtc:?}")),
        ("webrtc_shards", format!("{webrtc_shards:?}")),
        ("metrics", format!("{metrics:?}")),
        ("metrics_token_file", format!("{metrics_token_file:?}")),
        ("metrics_viewers", format!("{metrics_viewers:?}")),
        ("public_address", format!("{public_addresses:?}")),
        ("public_name", format!("{public_names:?}")),
        ("the oidc settings", format!("{oidc:?}")),
        ("clock_peer", format!("{clock_peer:?}")),
        ("tls_cert or tls_key", format!("{certificate:?}")),
        ("max_viewers", format!("{max_viewers:?}")),
        ("quality_rule", format!("{quality_rule:?}")),
        ("max_viewers_per_session", format!("{:?}", viewer_limits.per_session)),
        ("max_viewers_per_participant", format!("{:?}", viewer_limits.per_participant)),
        ("max_unfinished_per_address", format!("{:?}", viewer_limits.unfinished_per_address)),
        ("whep_handshake", format!("{:?}", viewer_limits.handshake)),
        ("whep_offers_per_minute", format!("{whep_offers_per_minute:?}")),
        ("stun_url or turn_url", format!("{:?} {:?}", ice_servers.stun, ice_servers.turn)),
        ("max_connections", format!("{max_connections:?}")),
        ("http_port", format!("{:?}", web.http)),
        ("max_connections_per_address", format!("{:?}", web.connections_per_address)),
        ("allow_origin", format!("{:?}", web.origins)),
        ("trusted_proxy or proxy_header", format!("{:?}", web.proxies)),
        ("log", format!("{:?}", log.filter)),
        ("log_format", format!("{:?}", log.format)),
        ("otlp_endpoint", format!("{:?}", log.otlp_endpoint)),
        ("sentry_dsn", format!("{:?}", log.sentry_dsn)),
        ("ready_file", format!("{ready_file:?}")),
        ("audit_days", format!("{audit_days:?}")),
        ("drain_seconds", format!("{drain:?}")),
    ]
}
