//! Everything of one database into another one that is empty: all of it, or nothing.
//!
//! It reads one moment of the source, whatever is written there meanwhile, and reads back what it wrote before it lets it
//! stand. It refuses a target that holds anything. Columns are asked of the source, so a later migration needs nothing
//! here but its table's name, which a test demands.

use super::sql::{Pool, Row, Transaction, Value, made_sql};
use super::{Store, StoreError};

/// Every table, each behind those that it refers to, and the columns by which its rows are told apart.
const TABLES: [(&str, &str); 11] = [
    ("users", "id"),
    ("recovery_codes", "code_hash"),
    ("sessions", "id"),
    ("invites", "id"),
    ("session_participants", "id"),
    ("publish_keys", "id"),
    ("logins", "id"),
    ("one_time", "token_hash"),
    ("shows", "id"),
    ("show_versions", "show_id, version"),
    ("audit", "id"),
];
/// Said of a database by itself, and so copied never: what was migrated, and when it was last found writable.
#[cfg(test)]
const ITS_OWN: [&str; 2] = ["_sqlx_migrations", "health"];
const PAGE: u64 = 500;

/// What was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target is in use.
    #[error(
        "the target is not empty: its table {table} has rows; name a database that holds nothing, and nothing was changed"
    )]
    NotEmpty {
        /// Which.
        table: &'static str,
    },
    /// What was written reads otherwise.
    #[error("row {row} of the table {table} reads back otherwise than it was written; nothing was changed")]
    Differs {
        /// Which.
        table: &'static str,
        /// Counted from 1.
        row: u64,
    },
}

/// Copies; how many rows of each table.
///
/// # Errors
/// Says what is in the way. Nothing is changed then.
pub async fn copy(from: &Store, to: &Store) -> Result<Vec<(&'static str, u64)>, CopyError> {
    let mut source = from.read.snapshot().await?;
    let mut target = to.write.begin().await?;
    for (table, key) in TABLES {
        if !page(&mut target, table, key, 0).await?.is_empty() {
            return Err(CopyError::NotEmpty { table });
        }
    }
    let mut counts = Vec::with_capacity(TABLES.len());
    for (table, key) in TABLES {
        let mut count = 0;
        loop {
            let rows = page(&mut source, table, key, count).await?;
            for row in &rows {
                insert(&mut target, table, row).await?;
            }
            count += rows.len() as u64;
            if (rows.len() as u64) < PAGE {
                break;
            }
        }
        counts.push((table, count));
    }
    for ((table, key), (_, count)) in TABLES.into_iter().zip(&counts) {
        verify(&mut source, &mut target, table, key, *count).await?;
    }
    target.commit().await?;
    Ok(counts)
}

async fn verify(
    source: &mut Transaction,
    target: &mut Transaction,
    table: &'static str,
    key: &'static str,
    count: u64,
) -> Result<(), CopyError> {
    let mut seen = 0;
    // One page further than there are rows: the target has no more than the source either.
    while seen <= count {
        let (theirs, ours) = (page(source, table, key, seen).await?, page(target, table, key, seen).await?);
        for n in 0..theirs.len().max(ours.len()) {
            let cells = |rows: &[Row]| rows.get(n).map(Row::cells).transpose();
            let (mut theirs, mut ours) = (cells(&theirs)?, cells(&ours)?);
            // The two may have the columns in another order.
            theirs.iter_mut().chain(ours.iter_mut()).for_each(|cells| cells.sort_by(|a, b| a.0.cmp(&b.0)));
            if theirs != ours {
                return Err(CopyError::Differs { table, row: seen + n as u64 + 1 });
            }
        }
        seen += PAGE;
    }
    Ok(())
}

async fn page(
    transaction: &mut Transaction,
    table: &'static str,
    key: &'static str,
    from: u64,
) -> Result<Vec<Row>, StoreError> {
    let text = format!("SELECT * FROM {table} ORDER BY {key} LIMIT {PAGE} OFFSET {from}");
    made_sql(text).fetch_all(transaction).await
}

async fn insert(transaction: &mut Transaction, table: &'static str, row: &Row) -> Result<(), StoreError> {
    let cells = row.cells()?;
    let names: Vec<_> = cells.iter().map(|(name, _)| name.as_str()).collect();
    let places: Vec<_> = (1..=cells.len()).map(|n| format!("${n}")).collect();
    let text = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
    let values = cells.into_iter().map(|(_, value)| value);
    values.fold(made_sql(text), |statement, value: Value| statement.bind(value)).execute(transaction).await?;
    Ok(())
}

impl Pool {
    /// A transaction that reads one moment, however long it lasts.
    async fn snapshot(&self) -> Result<Transaction, StoreError> {
        Ok(match self {
            Self::Sqlite(pool) => Transaction::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => {
                let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Transaction::Postgres(pool.begin_with(snapshot).await.map_err(StoreError::of_server)?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::store::DatabaseUrl;
    use crate::store::sql::sql;

    #[tokio::test]
    async fn every_table_is_copied() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.db");
        std::fs::write(&file, "").unwrap();
        let store = Store::open(&DatabaseUrl::Sqlite(file)).await.unwrap();
        let rows = sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        let rows = rows.fetch_all(&store.read).await.unwrap();
        let there: BTreeSet<String> = rows.iter().map(|row| row.text("name").unwrap()).collect();
        let known = TABLES.iter().map(|(name, _)| *name).chain(ITS_OWN).map(str::to_owned);
        assert_eq!(
            there,
            known.collect(),
            "a table that is new goes into TABLES, behind those that it refers to"
        );
    }
}
