//! What is looked after beside the requests: the keys that sign tokens, as the data directory has them now.
//!
//! It refuses to end the server: what fails is said in the log and tried again.

use std::time::Duration;

use crate::app::App;
use crate::auth::{BadKey, Keys};
use crate::clock::Clock;
use crate::data_dir::{DataDir, DataDirError, TokenKeys};

/// How soon a running server signs with a key that `returnfeed-cloud keys rotate` has made.
const KEYS: Duration = Duration::from_secs(5);

/// The keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file.
    #[error(transparent)]
    Data(#[from] DataDirError),
    /// What is in it.
    #[error("{0}; remove it from the data directory, for a new one to be made (every login ends)")]
    Key(#[from] BadKey),
}

/// The keys of the data directory.
///
/// # Errors
/// Says which file is in the way.
pub fn keys(data: &DataDir, clock: &Clock) -> Result<Keys, KeysError> {
    let TokenKeys { newest, before } = data.token_keys(clock.unix_ms())?;
    Ok(Keys::new(&newest, &before)?)
}

/// Looks, again and again.
pub async fn run(app: App, data: DataDir) {
    let mut ticks = tokio::time::interval(KEYS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match keys(&data, &app.clock) {
            Ok(keys) => app.tokens.set_keys(keys),
            Err(error) => {
                tracing::error!(%error, "the keys of tokens cannot be looked at; those at hand go on")
            }
        }
    }
}
