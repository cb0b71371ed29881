//! The only SQL of the house, one file per aggregate, on an embedded SQLite or on PostgreSQL.
//!
//! It refuses to decide: rules live in `auth`, `relay` and `api`. Invariant: a database that cannot be written
//! costs the request that wanted to write, never the picture or the tally.

mod audit;
mod copy;
mod error;
mod host;
mod identities;
mod invites;
mod leaving;
mod logins;
mod migrations;
mod notices;
mod one_time;
mod participants;
mod publish_keys;
mod second_factors;
mod sessions;
mod shows;
mod sql;
mod stands;
mod url;
mod users;
mod whole;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub use audit::{Actor, Entry, Written};
pub use copy::{CopyError, copy};
pub use error::{StoreError, Trouble};
pub use host::{AuditFilter, Running};
pub use identities::{Known, Subject};
pub use invites::{INVITES_MOST, InviteRow};
pub use leaving::{Ended, Which};
pub use logins::{Lives, LoginRow, NewLogin, Refreshed, Shown, Standing};
pub use notices::{Hearer, LONGEST_NOTICE, Noticed, Sayer, notices};
pub use one_time::{Kind, NewLink, Registered};
pub use participants::Participant;
pub use publish_keys::PublishKey;
pub use second_factors::{FactorRow, FirstCode};
pub use sessions::{Changed, NewSession, SessionRow};
pub use shows::{Precondition, SHOWS_MOST, ShowChanged, ShowText, VERSIONS_KEPT};
pub use stands::Stands;
pub use url::{BadDatabaseUrl, DatabaseUrl};
pub use users::{Account, Credentials, Deleted, HostSet};
pub use whole::{copy_file, drop_tables, file_is_whole};

pub use migrations::newest as newest_tables;
use sql::{Pool, sql};

/// How long a write waits for another process that writes.
const BUSY: Duration = Duration::from_secs(2);
/// How long a request waits for a connection.
const QUEUE: Duration = Duration::from_secs(3);
/// SQLite's readers.
const READERS: u32 = 4;
/// Connections to PostgreSQL.
const CONNECTIONS: u32 = 8;

/// The database; cheap to clone. SQLite has one writer at a time, so writes stand in their own queue and reads,
/// which the write-ahead log never blocks, go on beside them. On PostgreSQL both are one pool.
#[derive(Debug, Clone)]
pub struct Store {
    read: Pool,
    write: Pool,
    /// Time of the newest entry's id in the audit, in ms.
    audited: Arc<AtomicU64>,
}

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// When it cannot be used, or was written by a newer version.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(file) => Self::open_sqlite(file).await,
            DatabaseUrl::Postgres(options) => Self::open_postgres(options).await,
        }
    }

    async fn open_sqlite(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        migrations::sqlite(&options).await?;
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(QUEUE);
        let write = Pool::Sqlite(pool(1).connect_with(options.clone()).await?);
        let read = Pool::Sqlite(pool(READERS).connect_with(options.read_only(true)).await?);
        Ok(Self { read, write, audited: Arc::default() })
    }

    /// A statement ends by itself well before the request that waits for it.
    async fn open_postgres(options: &PgConnectOptions) -> Result<Self, StoreError> {
        migrations::postgres(options).await?;
        let options = options
            .clone()
            .application_name("returnfeed-cloud")
            .options([("lock_timeout", "2s"), ("statement_timeout", "5s")]);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(QUEUE);
        let pool = Pool::Postgres(pool.connect_with(options).await.map_err(StoreError::of_server)?);
        Ok(Self { read: pool.clone(), write: pool, audited: Arc::default() })
    }

    /// Whether the database can be written, found out by writing.
    ///
    /// # Errors
    /// Says what is in the way.
    pub async fn check(&self, now: u64) -> Result<(), StoreError> {
        sql("INSERT INTO health (one, checked_at) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET checked_at = $1")
            .bind(now)
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
