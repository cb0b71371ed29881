//! A database as one thing: copied, looked through, emptied.

use std::path::Path;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::StoreError;

/// SQLite's own copy, of one moment, while others write (<https://www.sqlite.org/lang_vacuum.html#vacuuminto>); into a file
/// that is empty.
///
/// # Errors
/// When one of the two cannot be used.
pub async fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(from).disable_statement_logging();
    let mut connection = options.connect().await?;
    sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Whether every page of a SQLite file is as it should be.
///
/// # Errors
/// When it is no database at all.
pub async fn file_is_whole(file: &Path) -> Result<bool, StoreError> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let mut connection = options.disable_statement_logging().connect().await?;
    let row = sqlx::query("PRAGMA integrity_check(1)").fetch_one(&mut connection).await?;
    let whole = row.try_get::<String, _>(0)? == "ok";
    connection.close().await?;
    Ok(whole)
}

/// Removes every table of a PostgreSQL database: also those of a version that this program does not know.
///
/// # Errors
/// When it does not answer, or they are not ours to remove; all stand then.
pub async fn drop_tables(options: &PgConnectOptions) -> Result<(), StoreError> {
    const EACH: &str = "DO $$ DECLARE one record; BEGIN \
        FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP \
        EXECUTE format('DROP TABLE %I CASCADE', one.tablename); END LOOP; END $$";
    let mut connection = options.connect().await.map_err(StoreError::of_server)?;
    sqlx::raw_sql(EACH).execute(&mut connection).await.map_err(StoreError::of_server)?;
    connection.close().await.map_err(StoreError::of_server)
}
