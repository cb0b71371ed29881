//! Which database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
//!
//! It refuses to show a password, to a log or to anybody.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

/// Where the database is.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server. What the address leaves out is taken from `PGHOST`, `PGUSER`, `PGPASSWORD` and `~/.pgpass`.
    Postgres(Box<PgConnectOptions>),
}

/// An address of no database that we speak to.
#[derive(Debug, thiserror::Error)]
#[error("write it like sqlite:returnfeed.db or postgres://returnfeed@localhost/returnfeed{0}")]
pub struct BadDatabaseUrl(String);

impl FromStr for DatabaseUrl {
    type Err = BadDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, BadDatabaseUrl> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(BadDatabaseUrl("; the path is missing".to_owned())),
                path => Ok(Self::Sqlite(path.into())),
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(BadDatabaseUrl(String::new()));
        }
        let options =
            text.parse::<PgConnectOptions>().map_err(|error| BadDatabaseUrl(format!("; {error}")))?;
        Ok(Self::Postgres(Box::new(options.disable_statement_logging())))
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = BadDatabaseUrl;

    fn try_from(text: String) -> Result<Self, BadDatabaseUrl> {
        text.parse()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(options) => {
                let host = options.get_socket().map(|socket| socket.display().to_string());
                let host = host.unwrap_or_else(|| options.get_host().to_owned());
                let name = options.get_database().unwrap_or_else(|| options.get_username());
                write!(f, "postgres://{}@{host}:{}/{name}", options.get_username(), options.get_port())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let url: DatabaseUrl = "postgres://ada:planted-secret@db.example.org:5433/shows".parse().unwrap();
        assert_eq!(format!("{url} {url:?}").matches("planted-secret").count(), 0);
        assert_eq!(url.to_string(), "postgres://ada@db.example.org:5433/shows");
        let bad =
            "postgres://ada:planted-secret@db.example.org:port/shows".parse::<DatabaseUrl>().unwrap_err();
        assert!(!bad.to_string().contains("planted-secret"), "{bad}");
    }

    #[test]
    fn a_file_is_named_with_or_without_slashes() {
        for text in ["sqlite:a/b.db", "sqlite://a/b.db"] {
            assert!(matches!(text.parse().unwrap(), DatabaseUrl::Sqlite(path) if path == *"a/b.db"));
        }
        assert!(matches!("sqlite:///a.db".parse().unwrap(), DatabaseUrl::Sqlite(path) if path.is_absolute()));
    }

    #[test]
    fn another_database_is_refused_with_what_to_write() {
        for text in ["", "mysql://localhost/x", "sqlite:", "returnfeed.db", "postgres//x"] {
            let said = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(said.contains("sqlite:returnfeed.db") && said.contains("postgres://"), "{text}: {said}");
        }
    }
}
