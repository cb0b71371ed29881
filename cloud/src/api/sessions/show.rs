//! `GET /api/sessions/{id}`: a session as its creator sees it.

use axum::routing::get;
use axum::{Json, Router};
use returnfeed_protocol::SessionCreated;

use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Router<App> {
    Router::new().route("/api/sessions/{session}", get(show))
}

async fn show(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    AccountBearer(claims): AccountBearer,
) -> Result<Json<SessionCreated>, ApiProblem> {
    Ok(Json(super::as_created(super::own(&app, id, &claims).await?)))
}
