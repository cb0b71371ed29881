//! `GET /api/sessions/{id}`: a session as its creator sees it.

use axum::Json;
use returnfeed_protocol::SessionCreated;

use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR, Operation, Routes, get};
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/sessions/{session}",
        show,
        Operation::new("A session as its creator sees it", CREATOR, Answer::json::<SessionCreated>(200)),
    )
}

async fn show(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    AccountBearer(claims): AccountBearer,
) -> Result<Json<SessionCreated>, ApiProblem> {
    Ok(Json(super::as_created(super::own(&app, id, &claims).await?)))
}
