//! `POST /api/sessions/{id}/credentials`: what an encoder needs to push; each time with a new key, and written down.

use axum::Json;
use axum::http::HeaderMap;
use returnfeed_protocol::PublishCredentials;
use serde_json::json;

use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, Routes, post};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/credentials",
        show,
        Operation::new(
            "What an encoder needs to push into the session",
            CREATOR_OR_DIRECTOR,
            Answer::json::<PublishCredentials>(200),
        )
        .refuses(&[Refusal(409, "session_ended")]),
    )
}

async fn show(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    bearer: AnyBearer,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Json<PublishCredentials>, ApiProblem> {
    let (session, by) = directed(&app, id, bearer).await?;
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let made = super::made(&app, &session, &super::host(&headers)).await?;
    app.audit(by, id, "credentials.shown", json!({}), peer).await;
    Ok(Json(made))
}
