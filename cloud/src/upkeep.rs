//! What is looked after beside the requests: the keys that sign tokens, as the data directory has them now, and the
//! audit, which stands for so many days.
//!
//! It refuses to end the server: what fails is said in the log and tried again.

use std::time::Duration;

use crate::app::App;
use crate::auth::{BadKey, Keys};
use crate::clock::Clock;
use crate::data_dir::{DataDir, DataDirError, TokenKeys};

/// How soon a running server signs with a key that `returnfeed-cloud keys rotate` has made.
const KEYS: Duration = Duration::from_secs(5);

/// How often what is too old is forgotten.
const FORGET: Duration = Duration::from_secs(3_600);
const DAY_MS: u64 = 86_400_000;

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
pub async fn run(app: App, data: DataDir, audit_days: u32) {
    tokio::join!(look_at_keys(&app, &data), forget(&app, audit_days));
}

async fn look_at_keys(app: &App, data: &DataDir) {
    let mut ticks = tokio::time::interval(KEYS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match keys(data, &app.clock) {
            Ok(keys) => app.tokens.set_keys(keys),
            Err(error) => {
                tracing::error!(%error, "the keys of tokens cannot be looked at; those at hand go on")
            }
        }
    }
}

async fn forget(app: &App, audit_days: u32) {
    if audit_days == 0 {
        return;
    }
    let mut ticks = tokio::time::interval(FORGET);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let then = app.clock.unix_ms().saturating_sub(u64::from(audit_days).saturating_mul(DAY_MS));
        match app.store.forget_before(then).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, audit_days, "what is older was forgotten"),
            Err(error) => {
                tracing::warn!(%error, "what is too old was not forgotten, and is tried again in an hour")
            }
        }
    }
}
