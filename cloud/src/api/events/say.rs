//! `POST /api/events/{stream}`: a page's word where it has no WebSocket.

use std::time::Instant;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use returnfeed_protocol::PageToCloud;

use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Router<App> {
    Router::new().route("/api/events/{stream}", post(say))
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
