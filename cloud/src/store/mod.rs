//! The only SQL of the house, one file per aggregate, on an embedded SQLite.
//!
//! It refuses to decide: rules live in `auth`, `relay` and `api`. Invariant: a database that cannot be written
//! costs the request that wanted to write, never the picture or the tally.

mod error;
mod participants;
mod publish_keys;
mod sessions;
mod users;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlitePool};

pub use error::{StoreError, Trouble};
pub use participants::Participant;
pub use publish_keys::PublishKey;
pub use sessions::{Changed, NewSession, SessionRow};
pub use users::{Account, Credentials};

/// How long a write waits for another process that writes.
const BUSY: Duration = Duration::from_secs(2);
/// How long a request waits for a connection.
const QUEUE: Duration = Duration::from_secs(3);
const READERS: u32 = 4;

/// The database; cheap to clone. SQLite has one writer at a time, so writes stand in their own queue and reads,
/// which the write-ahead log never blocks, go on beside them.
#[derive(Debug, Clone)]
pub struct Store {
    read: SqlitePool,
    write: SqlitePool,
}

impl Store {
    /// Opens the file and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be used, or was written by a newer version.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(QUEUE);
        let write = pool(1).connect_with(options.clone()).await?;
        sqlx::migrate!("../migrations/sqlite").run(&write).await?;
        let read = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { read, write })
    }

    /// Whether the database can be written, found out by writing.
    ///
    /// # Errors
    /// Says what is in the way.
    pub async fn check(&self, now: u64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO health (one, checked_at) VALUES (1, ?1) ON CONFLICT DO UPDATE SET checked_at = ?1",
        )
        .bind(column(now))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// An id or a word out of a column.
fn parsed<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged { found: text.chars().take(40).collect() })
}

/// A time or counter into a column.
fn column(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A time or counter out of a column.
fn counted(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
