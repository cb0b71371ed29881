//! The only place where a refusal becomes an HTTP answer: `application/problem+json` (RFC 9457).
//!
//! It refuses to carry anything that is not meant for the person asking: causes go to the log.
//! Invariant: every refusal has a stable `code` of `docs/protocol.md` and a `detail` that says what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use returnfeed_protocol::Problem;

use crate::api::routes::Refusal;
use crate::auth::{PasswordError, TooMany};
use crate::store::{StoreError, Trouble};

/// Of a password that somebody chooses.
pub const PASSWORD_EASY: Refusal = Refusal(422, "password_easy");

/// In characters: what was sent may stand in it, and is as long as a body may be.
const DETAIL_LONGEST: usize = 400;

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct ApiProblem {
    problem: Problem,
    retry_after: Option<u32>,
}

/// The stable code of a refusal, on its answer for whoever stands around the endpoint.
#[derive(Debug, Clone)]
pub struct Code(pub String);

impl ApiProblem {
    /// A refusal with its status, stable code, what happened and what to do.
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        let (code, title) = (code.to_owned(), title.to_owned());
        Self {
            problem: Problem { status: status.as_u16(), code, title, detail: detail.into() },
            retry_after: None,
        }
    }

    /// A field that is not as it must be; the detail names it, and says back no more than a sentence of it.
    pub fn invalid(detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        if let Some((end, _)) = detail.char_indices().nth(DETAIL_LONGEST) {
            detail.truncate(end);
            detail.push('\u{2026}');
        }
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_input",
            "The request cannot be used as it is",
            detail,
        )
    }

    /// Our own mistake; the log knows more.
    pub fn internal() -> Self {
        let detail = "This is a mistake of the server. Its log says more; please report it.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "The server made a mistake", detail)
    }

    /// A token that opens nothing here.
    pub fn token_invalid() -> Self {
        let detail = "Log in or open the link of the session again.";
        Self::new(StatusCode::UNAUTHORIZED, "token_invalid", "The token is not valid here", detail)
    }

    /// There is no such session, or it is not this person's to see.
    pub fn session_not_found() -> Self {
        let detail = "Check the address of the session; it may belong to another account.";
        Self::new(StatusCode::NOT_FOUND, "session_not_found", "There is no such session", detail)
    }

    /// The session is over.
    pub fn session_ended() -> Self {
        crate::relay::bye::session_ended().into()
    }

    /// The director has taken them out.
    pub fn removed() -> Self {
        crate::relay::bye::removed().into()
    }

    /// The account behind it has logged out everywhere.
    pub fn logged_out() -> Self {
        crate::relay::bye::logged_out().into()
    }

    /// Only the director may.
    pub fn not_the_director() -> Self {
        let detail = "Use the token that \"direct\" gave to the session's creator.";
        Self::new(
            StatusCode::FORBIDDEN,
            "not_the_director",
            "Only the session's director may do this",
            detail,
        )
    }

    /// Says after how many seconds it is worth asking again (`Retry-After`).
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The document itself, for a socket's `bye`.
    pub fn into_problem(self) -> Problem {
        self.problem
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.problem.code
    }
}

/// Gives what the framework refused by itself the shape of our own refusals: an address that is no UTF-8, a query that
/// does not fit, a socket that is none.
pub async fn in_one_shape(response: Response) -> Response {
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    if !refused || response.extensions().get::<Code>().is_some() {
        return response;
    }
    let (code, title) = match status {
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "This cannot be done here"),
        StatusCode::UPGRADE_REQUIRED => ("websocket_expected", "A WebSocket is expected here"),
        _ if status.is_client_error() => ("request_malformed", "The request cannot be read"),
        _ => return ApiProblem::internal().into_response(),
    };
    let said = axum::body::to_bytes(response.into_body(), 400).await.unwrap_or_default();
    ApiProblem::new(status, code, title, String::from_utf8_lossy(&said)).into_response()
}

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        Self { problem, retry_after: None }
    }
}

impl From<StoreError> for ApiProblem {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Text) {
            return Self::invalid("A text holds the character NUL (U+0000); leave it out.");
        }
        tracing::error!(%error, "a request could not be answered");
        let (code, title, detail) = match error {
            StoreError::Unavailable { trouble: Trouble::Full, .. } => (
                "storage_full",
                "The server's disk is full",
                "The host must make room on the disk that holds the server's data. What is on air goes on.",
            ),
            StoreError::Unavailable { trouble: Trouble::Busy, .. } => (
                "storage_busy",
                "The server's database is busy",
                "Try again in a few seconds; another program holds the database. What is on air goes on.",
            ),
            StoreError::Unavailable { trouble: Trouble::Disk, .. } => (
                "storage_unavailable",
                "The server's disk cannot be read or written",
                "The host must look at the disk that holds the server's data. What is on air goes on.",
            ),
            StoreError::Unavailable { trouble: Trouble::Away, .. } | StoreError::Login(_) => (
                "storage_unavailable",
                "The server's database does not answer",
                "Try again in a few seconds; if it lasts, the host must look at the database. What is on air goes on.",
            ),
            StoreError::Damaged { .. }
            | StoreError::Text
            | StoreError::Newer { .. }
            | StoreError::Migration(_)
            | StoreError::NoNotices
            | StoreError::Refused(_) => return Self::internal(),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title, detail).retry_after(5)
    }
}

impl From<TooMany> for ApiProblem {
    fn from(TooMany { retry_after }: TooMany) -> Self {
        let detail = format!("Try again in {retry_after} seconds.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts", detail)
            .retry_after(retry_after)
    }
}

impl From<PasswordError> for ApiProblem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Length => Self::invalid("A password has 8 to 128 characters."),
            PasswordError::Easy => {
                let detail = "It is among the first that somebody tries who guesses: a common password, a word, a date, \
                              your name or this server's. Take several words of your own.";
                Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    PASSWORD_EASY.1,
                    "This password is easy to guess",
                    detail,
                )
            }
            PasswordError::Busy => {
                let detail = "Many people log in at this moment. Try again in a few seconds.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_busy", "The server is busy", detail)
                    .retry_after(5)
            }
        }
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Code(self.problem.code));
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
