//! Brings the tables up to date, forward only, by one starter at a time.
//!
//! It refuses a database that a newer version of the server has brought further. Invariant: all that is missing is
//! done, or nothing of it.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use super::StoreError;

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// SQLite's own writer lock is the lock. Foreign keys are unwatched meanwhile and checked before it stands, as a table
/// that is made anew needs it (<https://www.sqlite.org/lang_altertable.html>, section 7).
pub(super) async fn sqlite(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let options = options.clone().foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    SQLITE.run(&mut *transaction).await.map_err(refused)?;
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *transaction).await?;
    if !dangling.is_empty() {
        return Err(StoreError::Damaged { found: format!("{} rows of nobody", dangling.len()) });
    }
    transaction.commit().await?;
    connection.close().await?;
    Ok(())
}

/// sqlx takes an advisory lock of PostgreSQL; DDL there is part of the transaction too.
pub(super) async fn postgres(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = PgConnection::connect_with(options).await.map_err(StoreError::of_server)?;
    POSTGRES.run(&mut connection).await.map_err(refused)?;
    connection.close().await?;
    Ok(())
}

/// The newest that this program knows; both databases have the same ones.
pub fn newest() -> i64 {
    SQLITE.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn refused(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) => StoreError::Newer { theirs: version, ours: newest() },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        error => StoreError::Migration(error),
    }
}
