//! How a database stands, asked without changing it.

use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _, SqliteConnection};
use tokio::time::timeout;

use super::{DatabaseUrl, StoreError, migrations};

const WAIT: Duration = Duration::from_secs(6);

/// What a database tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stands {
    /// The newest of the migrations that were applied; `None`: it holds no tables of ours.
    pub applied: Option<i64>,
    /// The newest that this program knows.
    pub known: i64,
    /// When a server last found it writable, in Unix ms.
    pub written_at: Option<u64>,
    /// The clock of its server, in Unix ms, where it has one.
    pub server_clock: Option<u64>,
    /// Name and version of the database's program.
    pub software: String,
}

impl Stands {
    /// Asks.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn at(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let asked = async {
            match url {
                DatabaseUrl::Sqlite(file) => {
                    let options = SqliteConnectOptions::new().filename(file).read_only(true);
                    Self::of_sqlite(options.disable_statement_logging().connect().await?).await
                }
                DatabaseUrl::Postgres(options) => {
                    Self::of_postgres(options.connect().await.map_err(StoreError::of_server)?).await
                }
            }
        };
        let silence = || StoreError::of_server(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
        timeout(WAIT, asked).await.unwrap_or_else(|_| Err(silence()))
    }

    /// Whether opening it would change its tables.
    pub fn is_behind(&self) -> bool {
        self.applied.is_some_and(|applied| applied < self.known)
    }

    async fn of_sqlite(mut connection: SqliteConnection) -> Result<Self, StoreError> {
        let tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_sqlx_migrations', 'health')";
        let ours = sqlx::query(tables).fetch_one(&mut connection).await?.try_get::<i64, _>(0)? == 2;
        let (mut applied, mut written_at) = (None, None);
        if ours {
            let asked = "SELECT max(version), (SELECT max(checked_at) FROM health) FROM _sqlx_migrations";
            let row = sqlx::query(asked).fetch_one(&mut connection).await?;
            (applied, written_at) = (row.try_get(0)?, row.try_get::<Option<i64>, _>(1)?);
        }
        let version = sqlx::query("SELECT sqlite_version()").fetch_one(&mut connection).await?;
        let software = format!("SQLite {}", version.try_get::<String, _>(0)?);
        connection.close().await?;
        Ok(Self {
            applied,
            known: migrations::newest(),
            written_at: time(written_at),
            server_clock: None,
            software,
        })
    }

    async fn of_postgres(mut connection: PgConnection) -> Result<Self, StoreError> {
        let asked = "SELECT current_setting('server_version'), (extract(epoch FROM clock_timestamp()) * 1000)::bigint, \
                     to_regclass('_sqlx_migrations') IS NOT NULL AND to_regclass('health') IS NOT NULL";
        let row = sqlx::query(asked).fetch_one(&mut connection).await?;
        let (version, clock, ours): (String, i64, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let (mut applied, mut written_at) = (None, None);
        if ours {
            let asked = "SELECT max(version), (SELECT max(checked_at) FROM health) FROM _sqlx_migrations";
            let row = sqlx::query(asked).fetch_one(&mut connection).await?;
            (applied, written_at) = (row.try_get(0)?, row.try_get::<Option<i64>, _>(1)?);
        }
        connection.close().await?;
        Ok(Self {
            applied,
            known: migrations::newest(),
            written_at: time(written_at),
            server_clock: time(Some(clock)),
            software: format!("PostgreSQL {version}"),
        })
    }
}

fn time(unix_ms: Option<i64>) -> Option<u64> {
    unix_ms.and_then(|at| u64::try_from(at).ok())
}
