//! What can be wrong with the database, by whose fault it is.

use std::fmt;

/// Why the database did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No room on the disk.
    Full,
    /// Another process holds it.
    Busy,
    /// The disk cannot be read or written.
    Disk,
}

/// A question that the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// For now; the same question may be answered later.
    #[error("the database {trouble}: {cause}")]
    Unavailable {
        /// Why.
        trouble: Trouble,
        /// As SQLite says it.
        cause: sqlx::Error,
    },
    /// A value that no version of the server wrote.
    #[error("the database holds {found:?}, which this version does not understand")]
    Damaged {
        /// The value.
        found: String,
    },
    /// The tables cannot be brought up to date.
    #[error("the database's tables cannot be brought up to date (is it of a newer version?): {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
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
        })
    }
}

impl StoreError {
    /// Whether a row with the same unique value is there already.
    pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
        error.as_database_error().is_some_and(|error| error.is_unique_violation())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(cause: sqlx::Error) -> Self {
        match trouble(&cause) {
            Some(trouble) => Self::Unavailable { trouble, cause },
            None => Self::Refused(cause),
        }
    }
}

/// Primary result codes (<https://www.sqlite.org/rescode.html>): the low byte of the extended code.
fn trouble(error: &sqlx::Error) -> Option<Trouble> {
    let code = match error {
        sqlx::Error::PoolTimedOut => return Some(Trouble::Busy),
        sqlx::Error::Io(_) => return Some(Trouble::Disk),
        sqlx::Error::Database(error) => error.code()?.parse::<u32>().ok()?,
        _ => return None,
    };
    match code & 0xff {
        5 | 6 => Some(Trouble::Busy),
        13 => Some(Trouble::Full),
        8 | 10 | 14 => Some(Trouble::Disk),
        _ => None,
    }
}
