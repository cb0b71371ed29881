//! One way to ask two databases: a statement, what is bound to it, and rows.
//!
//! A column holds text, a whole number, or nothing; placeholders are `$1`, `$2`; statements keep to the SQL that both
//! understand (no `max(a, b)`, no `EXISTS` as a number; a row that is there already is met by `ON CONFLICT`, because
//! an error ends a transaction on PostgreSQL). It refuses a text with a NUL, which PostgreSQL cannot hold.
//! Invariant: a transaction is alone. SQLite has one writer; on PostgreSQL each takes the same lock first. So what is
//! read in a transaction still holds when it writes, on either, and one suite of tests speaks for both.

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Column as _, Decode, Postgres, Row as _, Sqlite, Type, TypeInfo as _, ValueRef as _};

use super::StoreError;

/// Takes the one writer's place at once, not at the first write.
const BEGIN: &str = "BEGIN IMMEDIATE";
/// The lock that every transaction on PostgreSQL takes, and that ends with it. The number says "ReturnFd".
const ALONE: &str = "SELECT pg_advisory_xact_lock(5937515178655311460)";

/// How long PostgreSQL may say nothing: it ends a statement by itself before that (`statement_timeout`).
const SILENCE: Duration = Duration::from_secs(6);

/// Connections to one of the two.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Several statements, all or none. What is not committed is undone.
#[derive(Debug)]
pub(super) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Where a statement goes.
pub(super) enum On<'a> {
    Pool(&'a Pool),
    Transaction(&'a mut Transaction),
}

/// What goes into a column, or into a comparison with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
}

/// A statement and what is bound to its placeholders, in their order.
#[derive(Debug)]
pub(super) struct Statement {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// A row that came back.
#[derive(Debug)]
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A statement with nothing bound yet.
pub(super) fn sql(text: &'static str) -> Statement {
    Statement { text: Cow::Borrowed(text), values: Vec::new() }
}

/// The same, of a text that is put together from names in this program; never from what somebody sent.
pub(super) fn made_sql(text: String) -> Statement {
    Statement { text: Cow::Owned(text), values: Vec::new() }
}

/// Runs a statement by one method of sqlx, which has it once for each database.
macro_rules! run {
    ($statement:expr, $on:expr, $method:ident, $then:expr) => {{
        let Statement { text, values } = $statement.checked()?;
        match $on.into() {
            On::Pool(Pool::Sqlite(pool)) => {
                Ok(bound!(Sqlite, text, values).$method(pool).await.map($then)?)
            }
            On::Transaction(Transaction::Sqlite(connection)) => {
                Ok(bound!(Sqlite, text, values).$method(&mut **connection).await.map($then)?)
            }
            On::Pool(Pool::Postgres(pool)) => {
                answered(bound!(Postgres, text, values).$method(pool)).await.map($then)
            }
            On::Transaction(Transaction::Postgres(connection)) => {
                answered(bound!(Postgres, text, values).$method(&mut **connection)).await.map($then)
            }
        }
    }};
}

macro_rules! bound {
    ($database:ty, $text:expr, $values:expr) => {
        $values.into_iter().fold(sqlx::query::<$database>(sqlx::AssertSqlSafe($text)), |query, value| {
            match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            }
        })
    };
}

impl Statement {
    /// Binds the next placeholder.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it; how many rows it changed.
    pub(super) async fn execute(self, on: impl Into<On<'_>>) -> Result<u64, StoreError> {
        run!(self, on, execute, |done| done.rows_affected())
    }

    /// The row, if there is one.
    pub(super) async fn fetch_optional(self, on: impl Into<On<'_>>) -> Result<Option<Row>, StoreError> {
        run!(self, on, fetch_optional, |row| row.map(Row::from))
    }

    /// The row that is always there.
    pub(super) async fn fetch_one(self, on: impl Into<On<'_>>) -> Result<Row, StoreError> {
        self.fetch_optional(on).await?.ok_or(StoreError::Refused(sqlx::Error::RowNotFound))
    }

    /// Every row.
    pub(super) async fn fetch_all(self, on: impl Into<On<'_>>) -> Result<Vec<Row>, StoreError> {
        run!(self, on, fetch_all, |rows| rows.into_iter().map(Row::from).collect())
    }

    fn checked(self) -> Result<Self, StoreError> {
        let has_nul = |value: &Value| matches!(value, Value::Text(Some(text)) if text.contains('\0'));
        if self.values.iter().any(has_nul) { Err(StoreError::Text) } else { Ok(self) }
    }
}

impl Pool {
    /// Begins a transaction; it waits for the one before.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        match self {
            Self::Sqlite(pool) => match pool.begin_with(BEGIN).await {
                // A full disk makes SQLite end a transaction by itself. The driver still counts it, and would begin
                // no other on that connection; a new one knows of none.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    pool.acquire().await?.close().await?;
                    Ok(Transaction::Sqlite(pool.begin_with(BEGIN).await?))
                }
                begun => Ok(Transaction::Sqlite(begun?)),
            },
            Self::Postgres(pool) => {
                let mut transaction = answered(pool.begin()).await?;
                answered(sqlx::query(ALONE).execute(&mut *transaction)).await?;
                Ok(Transaction::Postgres(transaction))
            }
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// Makes it stand.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => answered(transaction.commit()).await?,
        }
        Ok(())
    }
}

impl Row {
    /// A text.
    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.get(column)
    }

    /// A text, or nothing.
    pub(super) fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    /// An id or a word.
    pub(super) fn parsed<T: FromStr>(&self, column: &str) -> Result<T, StoreError> {
        parsed(&self.text(column)?)
    }

    /// An id or a word, or nothing.
    pub(super) fn maybe_parsed<T: FromStr>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?.as_deref().map(parsed).transpose()
    }

    /// A time or a count.
    pub(super) fn number(&self, column: &str) -> Result<u64, StoreError> {
        self.maybe_number(column).map(Option::unwrap_or_default)
    }

    /// A time or a count, or nothing.
    pub(super) fn maybe_number(&self, column: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.integer(column)?.map(|number| u64::try_from(number).unwrap_or(0)))
    }

    /// A 0 or a 1.
    pub(super) fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.number(column)? != 0)
    }

    /// Every column by its name.
    pub(super) fn cells(&self) -> Result<Vec<(String, Value)>, StoreError> {
        let names: Vec<(String, bool)> = match self {
            Self::Sqlite(row) => names(row, "TEXT"),
            Self::Postgres(row) => names(row, "TEXT"),
        };
        names
            .into_iter()
            .map(|(name, is_text)| {
                let value = match is_text {
                    true => Value::Text(self.get(&name)?),
                    false => Value::Number(self.integer(&name)?),
                };
                Ok((name, value))
            })
            .collect()
    }

    /// PostgreSQL has three widths, and gives each out as itself alone.
    fn integer(&self, column: &str) -> Result<Option<i64>, StoreError> {
        let Self::Postgres(row) = self else { return self.get(column) };
        match row.try_get_raw(column)?.type_info().name() {
            "INT2" => Ok(row.try_get::<Option<i16>, _>(column)?.map(i64::from)),
            "INT4" => Ok(row.try_get::<Option<i32>, _>(column)?.map(i64::from)),
            _ => Ok(row.try_get(column)?),
        }
    }

    fn get<T>(&self, column: &str) -> Result<T, StoreError>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }
}

/// The columns of a row, and whether each is text.
fn names<R: sqlx::Row>(row: &R, text: &str) -> Vec<(String, bool)> {
    let of = |column: &<R::Database as sqlx::Database>::Column| {
        (column.name().to_owned(), column.type_info().name() == text)
    };
    row.columns().iter().map(of).collect()
}

/// What a server says, or that it says nothing.
async fn answered<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match tokio::time::timeout(SILENCE, answer).await {
        Ok(answer) => answer.map_err(StoreError::of_server),
        Err(_) => Err(StoreError::of_server(std::io::Error::from(std::io::ErrorKind::TimedOut).into())),
    }
}

/// An id or a word out of a column.
fn parsed<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged { found: text.chars().take(40).collect() })
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Transaction> for On<'a> {
    fn from(transaction: &'a mut Transaction) -> Self {
        Self::Transaction(transaction)
    }
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(Some(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<Option<u64>> for Value {
    fn from(number: Option<u64>) -> Self {
        Self::Number(number.map(|number| i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Number(Some(i64::from(flag)))
    }
}
