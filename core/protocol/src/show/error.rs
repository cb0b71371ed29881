//! Why a text is no show that this program can use.

use super::{SHOW_MAX_BYTES, SHOW_VERSION};

/// What is wrong with a show, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShowError {
    /// Not JSON, or not of a show's shape.
    #[error("it cannot be read at line {line}, column {column}: {cause}")]
    Unreadable {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// In the parser's words.
        cause: String,
    },
    /// JSON of something else.
    #[error("it is no show: a show begins with \"returnfeed_show\": {SHOW_VERSION}")]
    NotAShow,
    /// Written by a newer program.
    #[error(
        "it is a show of version {found}, and this program knows up to {SHOW_VERSION}; update this program"
    )]
    Newer {
        /// Its version.
        found: u16,
    },
    /// Longer than any show may be.
    #[error("it has {bytes} bytes, and a show has at most {SHOW_MAX_BYTES}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// A field outside its bounds.
    #[error("{path} {why}")]
    Field {
        /// Which, as in `sources 3, name`.
        path: String,
        /// What it may be.
        why: String,
    },
}

impl ShowError {
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let place = format!(" at line {line} column {column}");
        Self::Unreadable { line, column, cause: without_the_value(&error.to_string().replace(&place, "")) }
    }
}

/// Without the text that stands in place of something else: it may be a secret that does not belong there.
fn without_the_value(cause: &str) -> String {
    const STRING: &str = "invalid type: string ";
    match cause.split_once(STRING).and_then(|(before, after)| Some((before, after.rsplit_once("\", ")?.1))) {
        Some((before, expected)) => format!("{before}a text stands here, {expected}"),
        None => cause.to_owned(),
    }
}
