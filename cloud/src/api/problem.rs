//! The only place where a refusal becomes an HTTP answer: `application/problem+json` (RFC 9457).
//!
//! It refuses to carry anything that is not meant for the person asking: causes go to the log.
//! Invariant: every refusal has a stable `code` of `docs/protocol.md` and a `detail` that says what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use returnfeed_protocol::Problem;

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct ApiProblem {
    problem: Problem,
    retry_after: Option<u32>,
}

impl ApiProblem {
    /// A refusal with its status, stable code, what happened and what to do.
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        let (code, title) = (code.to_owned(), title.to_owned());
        Self {
            problem: Problem { status: status.as_u16(), code, title, detail: detail.into() },
            retry_after: None,
        }
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

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        Self { problem, retry_after: None }
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
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
