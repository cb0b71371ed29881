//! The log: to standard error, and where the settings say so to a collector by OTLP and, errors alone, to a server of
//! error reports.
//!
//! It refuses to let a library's debugging into the log unless that library is named: some print what they carry,
//! and what they carry here are tokens and passphrases. Invariant: nothing leaves the machine that no setting sends.

mod otlp;
mod outbox;
mod record;
mod scrub;
mod sentry;

use std::io::{self, IsTerminal as _};

use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use self::outbox::{Sender, To};
use self::record::Recorder;
pub use self::sentry::{BadDsn, Dsn};
use crate::config::LogFormat;

/// What is logged, how, and where to.
#[derive(Debug, Clone, Default)]
pub struct LogConfig {
    /// Which lines.
    pub filter: String,
    /// How they look.
    pub format: LogFormat,
    /// A collector of traces and logs: the address before `/v1/traces`.
    pub otlp_endpoint: Option<String>,
    /// A server of error reports.
    pub sentry_dsn: Option<Dsn>,
}

/// The log of the process, once it has begun.
#[derive(Debug)]
pub struct Log {
    filter: reload::Handle<EnvFilter, Registry>,
    senders: Vec<Sender>,
}

/// The log cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter.
    #[error("the setting log is not understood: {0}")]
    Filter(#[from] ParseError),
    /// What is needed to send it anywhere.
    #[error("nothing can be sent to otlp_endpoint or sentry_dsn: {0}; install ca-certificates")]
    Client(String),
}

/// Begins to log, for the whole process, from inside of its runtime.
///
/// # Errors
/// When the filter is not understood, or the system has no authorities to hold a collector's certificate against.
pub fn init(config: &LogConfig) -> Result<Log, TelemetryError> {
    let (filter, handle) = reload::Layer::new(env_filter(&config.filter)?);
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match config.format {
        LogFormat::Plain => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let collector = config.otlp_endpoint.as_ref().map(|endpoint| {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        outbox::start(To::Collector { endpoint })
    });
    let errors = config.sentry_dsn.clone().map(|dsn| outbox::start(To::Errors(dsn)));
    let (mut recorders, mut senders) = (Vec::new(), Vec::new());
    for started in [collector, errors].into_iter().flatten() {
        let (sink, sender) = started?;
        recorders.push(Recorder(sink));
        senders.push(sender);
    }
    // A list of none would be a layer that is interested in nothing, and so silence the others.
    let recorders = (!recorders.is_empty()).then_some(recorders);
    // A second start in one process, as in a test, keeps the first one's log.
    let _ = tracing_subscriber::registry().with(filter).with(lines).with(recorders).try_init();
    if config.sentry_dsn.is_some() {
        report_panics();
    }
    Ok(Log { filter: handle, senders })
}

/// Beside what it prints: where it happened. What it says may hold anything, and is scrubbed like every error.
fn report_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(target: "returnfeed::panic", place, "a panic: {}", panic.payload_as_str().unwrap_or_default());
        before(panic);
    }));
}

impl Log {
    /// Says this much from now on.
    ///
    /// # Errors
    /// When the filter is not understood; the one before stays.
    pub fn refilter(&self, filter: &str) -> Result<(), TelemetryError> {
        let filter = env_filter(filter)?;
        let _ = self.filter.reload(filter); // fails where the process keeps another log
        Ok(())
    }

    /// Sends what waits, for some seconds at most.
    pub async fn finish(self) {
        for sender in self.senders {
            sender.finish().await;
        }
    }
}

/// Prints at `trace` each message that a socket carries, tickets too: whatever the filter says, it stays silent.
const TALKATIVE: &str = "tungstenite::protocol=debug";

/// A bare level is for our own messages; libraries then say warnings alone.
fn env_filter(filter: &str) -> Result<EnvFilter, ParseError> {
    let filter = match filter.trim().parse::<LevelFilter>() {
        Ok(level) => EnvFilter::builder().parse(format!("warn,returnfeed={level}")),
        Err(_) => EnvFilter::builder().parse(filter),
    };
    Ok(filter?.add_directive(TALKATIVE.parse()?))
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

    #[test]
    fn what_sockets_carry_is_never_printed() {
        for filter in ["trace", "trace,tungstenite=trace", "tungstenite::protocol=trace"] {
            let filter = env_filter(filter).unwrap().to_string();
            assert!(
                filter.contains(TALKATIVE) && !filter.contains("tungstenite::protocol=trace"),
                "{filter}"
            );
        }
    }
}
