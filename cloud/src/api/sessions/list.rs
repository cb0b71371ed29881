//! `GET /api/sessions`: the account's own sessions, newest first.

use axum::routing::get;
use axum::{Json, Router};
use returnfeed_protocol::SessionCreated;

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Router<App> {
    Router::new().route("/api/sessions", get(list))
}

async fn list(
    app: axum::extract::State<App>,
    AccountBearer(claims): AccountBearer,
) -> Result<Json<Vec<SessionCreated>>, ApiProblem> {
    let sessions = app.store.sessions_of(claims.user).await?;
    Ok(Json(sessions.into_iter().map(super::as_created).collect()))
}
