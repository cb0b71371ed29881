//! `GET /api/me`: who the bearer is, so that a reloaded page needs no code.

use axum::Json;
use axum::http::HeaderMap;
use returnfeed_protocol::JoinResponse;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, PARTICIPANTS, Routes, get};
use crate::app::App;
use crate::auth::{SessionBearer, bearer_text};

pub(super) fn route() -> Routes {
    get(
        "/api/me",
        me,
        Operation::new("Who the bearer is in its session", PARTICIPANTS, Answer::json::<JoinResponse>(200)),
    )
}

async fn me(
    app: axum::extract::State<App>,
    SessionBearer(claims): SessionBearer,
    headers: HeaderMap,
) -> Result<Json<JoinResponse>, ApiProblem> {
    let me = app.present(&claims).await?;
    let session = app.store.session(claims.session).await?.ok_or_else(ApiProblem::token_invalid)?;
    let offered = super::offered(&app, &me).await?;
    Ok(Json(JoinResponse {
        token: bearer_text(&headers)?.to_owned(),
        expires_at: claims.expires_at,
        participant: claims.participant,
        role: claims.role,
        max_layer: session.max_layer(claims.role, me.max_layer),
        name: me.name,
        camera: me.camera,
        offered,
        session: session.summary,
    }))
}
