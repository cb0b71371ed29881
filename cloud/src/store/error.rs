//! What can be wrong with the database, by whose fault it is.

use std::fmt;

use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

/// Why the database did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No room on the disk.
    Full,
    /// Another process holds it.
    Busy,
    /// The disk cannot be read or written.
    Disk,
    /// The server of the database is not there.
    Away,
}

/// A question that the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// For now; the same question may be answered later.
    #[error("the database {trouble}: {cause}")]
    Unavailable {
        /// Why.
        trouble: Trouble,
        /// As the database says it.
        cause: sqlx::Error,
    },
    /// A value that no version of the server wrote.
    #[error("the database holds {found:?}, which this version does not understand")]
    Damaged {
        /// The value.
        found: String,
    },
    /// Tables of a later version.
    #[error(
        "the database is of a newer version of the server (its tables are at {theirs}, this program knows {ours}): \
         run that version, or restore the backup from before it"
    )]
    Newer {
        /// The last migration that was applied and is not known here.
        theirs: i64,
        /// The last that this program knows.
        ours: i64,
    },
    /// The tables cannot be brought up to date.
    #[error("the database's tables cannot be brought up to date: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// A text that cannot be kept: PostgreSQL has no NUL.
    #[error("a text with the character NUL cannot be kept")]
    Text,
    /// The address, the user or the password of the database is wrong.
    #[error("the database does not let us in: {0}; see the setting database_url")]
    Login(sqlx::Error),
    /// A file carries no words between servers.
    #[error(
        "servers hear each other through a PostgreSQL that they share: set database_url to it, or leave bus out"
    )]
    NoNotices,
    /// Our own mistake.
    #[error("the database refused a statement: {0}")]
    Refused(sqlx::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "has no room on its disk",
            Self::Busy => "is held by another process",
            Self::Disk => "cannot be read or written",
            Self::Away => "does not answer",
        })
    }
}

impl StoreError {
    /// As [`From`] has it, where the database is a server: no connection means that it is not there.
    pub(super) fn of_server(cause: sqlx::Error) -> Self {
        match cause {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => {
                Self::Unavailable { trouble: Trouble::Away, cause }
            }
            cause => cause.into(),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(cause: sqlx::Error) -> Self {
        let found = match &cause {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => of_postgres(error.code()),
                None => error.try_downcast_ref::<SqliteError>().and_then(of_sqlite),
            },
            sqlx::Error::Io(_) => Some(Found::Trouble(Trouble::Disk)),
            sqlx::Error::PoolTimedOut => Some(Found::Trouble(Trouble::Busy)),
            _ => None,
        };
        match found {
            Some(Found::Trouble(trouble)) => Self::Unavailable { trouble, cause },
            Some(Found::Login) => Self::Login(cause),
            None => Self::Refused(cause),
        }
    }
}

enum Found {
    Trouble(Trouble),
    Login,
}

/// Primary result codes (<https://www.sqlite.org/rescode.html>): the low byte of the extended code.
fn of_sqlite(error: &SqliteError) -> Option<Found> {
    use sqlx::error::DatabaseError as _;
    match error.code()?.parse::<u32>().ok()? & 0xff {
        5 | 6 => Some(Found::Trouble(Trouble::Busy)),
        13 => Some(Found::Trouble(Trouble::Full)),
        8 | 10 | 14 => Some(Found::Trouble(Trouble::Disk)),
        _ => None,
    }
}

/// SQLSTATE (<https://www.postgresql.org/docs/15/errcodes-appendix.html>): two letters name the class.
fn of_postgres(code: &str) -> Option<Found> {
    match code {
        "53100" => Some(Found::Trouble(Trouble::Full)),
        // Too many connections, no memory; a lock or a statement that took too long; a deadlock.
        "53000" | "53200" | "53300" | "53400" | "55P03" | "57014" | "40001" | "40P01" => {
            Some(Found::Trouble(Trouble::Busy))
        }
        "25006" | "58030" => Some(Found::Trouble(Trouble::Disk)),
        "28000" | "28P01" | "3D000" | "42501" => Some(Found::Login),
        _ if code.starts_with("08") || code.starts_with("57P") => Some(Found::Trouble(Trouble::Away)),
        _ => None,
    }
}
