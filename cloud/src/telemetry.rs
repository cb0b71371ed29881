//! The log.
//!
//! It refuses to let a library's debugging into the log unless that library is named: some print what they carry,
//! and what they carry here are tokens and passphrases.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};

use crate::config::LogFormat;

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
