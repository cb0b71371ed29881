//! The log and the metrics.
//!
//! It refuses to let a library's debugging into the log unless that library is named: some print what they carry,
//! and what they carry here are tokens and passphrases.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};

use crate::config::LogFormat;

/// Seconds; one frame at 60 is 0.0167.
const STAGE_BUCKETS: [f64; 22] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.0125, 0.015, 0.0175,
    0.02, 0.0225, 0.025, 0.03, 0.05, 0.1, 0.25, 1.0,
];
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to log, for the whole process.
///
/// # Errors
/// When the filter is not understood.
pub fn init(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let colours = io::stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(env_filter(filter)?)
        .with_writer(io::stderr)
        .with_ansi(colours);
    // A second start in one process, as in a test, keeps the first one's log.
    let _ = match format {
        LogFormat::Plain => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    Ok(())
}

/// A bare level is for our own messages; libraries then say warnings alone.
fn env_filter(filter: &str) -> Result<EnvFilter, ParseError> {
    match filter.trim().parse::<LevelFilter>() {
        Ok(level) => EnvFilter::builder().parse(format!("warn,returnfeed={level}")),
        Err(_) => EnvFilter::builder().parse(filter),
    }
}

/// The process's one recorder.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &STAGE_BUCKETS)
            .ok()?;
        builder.install_recorder().ok()
    };
    RECORDER.get_or_init(install).as_ref()
}

/// The port for Prometheus.
pub struct Metrics {
    tcp: TcpListener,
}

impl Metrics {
    /// Opens the port and begins to count.
    ///
    /// # Errors
    /// As the system says it.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        recorder();
        Ok(Self { tcp: TcpListener::bind(address).await? })
    }

    /// The port in use.
    ///
    /// # Errors
    /// As the system says it.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.tcp.local_addr()?.port())
    }

    /// Answers `/metrics` until told to stop.
    pub async fn serve(self, stop: CancellationToken) {
        let render = || async { recorder().map(PrometheusHandle::render).unwrap_or_default() };
        let router = Router::new().route("/metrics", get(render));
        let upkeep = async {
            let mut tick = interval(UPKEEP);
            loop {
                tick.tick().await;
                recorder().inspect(|recorder| recorder.run_upkeep());
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = upkeep => {}
            served = axum::serve(self.tcp, router) => {
                if let Err(error) = served {
                    tracing::error!(%error, "metrics are not served any more");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_level_is_for_our_own_messages() {
        let filter = env_filter("trace").unwrap().to_string();
        assert!(filter.contains("returnfeed=trace") && filter.contains("warn"), "{filter}");
        assert!(env_filter("info,sqlx=debug").unwrap().to_string().contains("sqlx=debug"));
        assert!(env_filter("returnfeed=loud").is_err());
    }
}
