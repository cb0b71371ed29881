//! `POST /api/events/{stream}`: a page's word where it has no WebSocket.

use std::time::Instant;

use axum::extract::Path;
use axum::http::StatusCode;
use returnfeed_protocol::PageToCloud;

use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, PARTICIPANTS, Refusal, RequestBody, Routes, Verdict, Who, post};
use crate::app::App;
use crate::auth::SessionBearer;

/// Why the conversation ends with this word (`relay::bye`).
const DISMISSED: [Refusal; 3] =
    [Refusal(400, "hello_expected"), Refusal(426, "protocol_unknown"), Refusal(429, "too_many_messages")];

/// Whose stream it is; in the matrix of routes it is the viewer's.
const ITS_PAGE: Who = Who {
    camera: STREAM_NOT_FOUND,
    director: STREAM_NOT_FOUND,
    other_director: STREAM_NOT_FOUND,
    ..PARTICIPANTS
};

const STREAM_NOT_FOUND: Verdict = Verdict::Refused(Refusal(404, "stream_not_found"));

pub(super) fn route() -> Routes {
    post(
        "/api/events/{stream}",
        say,
        Operation::new("A page's word, where a WebSocket is refused", ITS_PAGE, Answer::empty(204))
            .takes(RequestBody::json::<PageToCloud>())
            .refuses(&DISMISSED),
    )
}

async fn say(
    app: axum::extract::State<App>,
    Path(stream): Path<String>,
    SessionBearer(claims): SessionBearer,
    Body(message): Body<PageToCloud>,
) -> Result<StatusCode, ApiProblem> {
    let page = app.streams.find(&stream).filter(|page| page.participant() == claims.participant);
    let page = page.ok_or_else(stream_not_found)?;
    if let Err(problem) = page.handle(message, Instant::now()) {
        page.dismiss(problem.clone());
        return Err(problem.into());
    }
    Ok(StatusCode::NO_CONTENT)
}

fn stream_not_found() -> ApiProblem {
    let detail = "The event stream has ended: open a new one (GET /api/events).";
    ApiProblem::new(StatusCode::NOT_FOUND, "stream_not_found", "There is no such event stream", detail)
}
