//! `POST /api/admin/sessions/{session}/end`: ends anybody's session.

use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{SessionPatch, SessionState};
use serde_json::json;

use super::Host;
use crate::api::accounts::HOSTS;
use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, Routes, post};
use crate::app::App;
use crate::store::Changed;

pub(super) fn route() -> Routes {
    post(
        "/api/admin/sessions/{session}/end",
        end,
        Operation::new("Ends anybody's session", HOSTS, Answer::empty(204))
            .refuses(&[Refusal(404, "session_not_found"), Refusal(409, "session_ended")]),
    )
}

async fn end(
    State(app): State<App>,
    host: Host,
    SessionPath(id): SessionPath,
) -> Result<StatusCode, ApiProblem> {
    let ended = SessionPatch { state: Some(SessionState::Ended), ..SessionPatch::default() };
    match app.store.change_session(id, &ended, app.clock.unix_ms()).await? {
        Changed::To(session) => {
            app.relay.handle_session_changed(&session).await;
            app.metrics.end_session(id);
            host.did(&app, "session.ended", Some(id), json!({ "name": session.summary.name })).await;
            Ok(StatusCode::NO_CONTENT)
        }
        Changed::Ended => Err(ApiProblem::session_ended()),
        Changed::Unknown => Err(ApiProblem::session_not_found()),
    }
}
