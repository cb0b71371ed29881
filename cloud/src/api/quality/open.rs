//! `GET /api/sessions/{id}/quality`: the last ten minutes, then each second, as server-sent events.
//!
//! A page reads it with `fetch` and its bearer token: no ticket, and nothing secret in an address.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};

use returnfeed_protocol::QualityToPage;

use super::stream::{Listening, events};
use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, DIRECTOR_CREATOR_OR_HOST, Operation, Refusal, Routes, get};
use crate::app::App;
use crate::auth::AnyBearer;
use crate::metrics::ReadRefusal;

pub(super) fn route() -> Routes {
    get(
        "/api/sessions/{session}/quality",
        open,
        Operation::new(
            "How a session's network fares",
            DIRECTOR_CREATOR_OR_HOST,
            Answer::events::<QualityToPage>(),
        )
        .refuses(&[Refusal(409, "session_ended"), Refusal(503, "quality_full")]),
    )
}

async fn open(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    bearer: AnyBearer,
) -> Result<Response, ApiProblem> {
    let session = super::visible(&app, id, bearer).await?;
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let reading = app.metrics.read(id).map_err(|refusal| match refusal {
        ReadRefusal::Ended => ApiProblem::session_ended(),
        ReadRefusal::Full => full(),
    })?;
    let listening = Listening::new(app.0, session.summary, reading, bearer);
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(([unbuffered], Sse::new(events(listening)).keep_alive(KeepAlive::new())).into_response())
}

fn full() -> ApiProblem {
    let detail = "Close the quality page somewhere else; sixteen may be open.";
    ApiProblem::new(StatusCode::SERVICE_UNAVAILABLE, "quality_full", "Too many read along", detail)
        .retry_after(10)
}
