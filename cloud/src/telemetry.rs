//! The log.
//!
//! It refuses to let a library's debugging into the log unless that library is named: some print what they carry,
//! and what they carry here are tokens and passphrases.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use crate::config::LogFormat;

/// The log of the process, once it has begun.
#[derive(Debug, Clone)]
pub struct Log {
    filter: reload::Handle<EnvFilter, Registry>,
}

/// Begins to log, for the whole process.
///
/// # Errors
/// When the filter is not understood.
pub fn init(filter: &str, format: LogFormat) -> Result<Log, ParseError> {
    let (filter, handle) = reload::Layer::new(env_filter(filter)?);
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Plain => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // A second start in one process, as in a test, keeps the first one's log.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Ok(Log { filter: handle })
}

impl Log {
    /// Says this much from now on.
    ///
    /// # Errors
    /// When the filter is not understood; the one before stays.
    pub fn refilter(&self, filter: &str) -> Result<(), ParseError> {
        let filter = env_filter(filter)?;
        let _ = self.filter.reload(filter); // fails where the process keeps another log
        Ok(())
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
