//! `GET /api/sessions/{id}/participants`: who is in a session, for whoever directs it; the newest first.

use axum::Json;
use returnfeed_protocol::ParticipantSummary;

use super::summary;
use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Routes, get};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/sessions/{session}/participants",
        list,
        Operation::new(
            "Who is in a session",
            CREATOR_OR_DIRECTOR,
            Answer::json::<Vec<ParticipantSummary>>(200),
        ),
    )
}

async fn list(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    bearer: AnyBearer,
) -> Result<Json<Vec<ParticipantSummary>>, ApiProblem> {
    directed(&app, id, bearer).await?;
    let connected = app.relay.connected(id);
    let participants = app.store.participants(id).await?;
    Ok(Json(participants.into_iter().map(|who| summary(&app, &connected, who)).collect()))
}
