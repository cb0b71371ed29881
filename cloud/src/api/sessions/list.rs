//! `GET /api/sessions`: the account's own sessions, newest first.

use axum::Json;
use returnfeed_protocol::SessionCreated;

use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Routes, get};
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/sessions",
        list,
        Operation::new(
            "The account's own sessions, newest first",
            ACCOUNTS,
            Answer::json::<Vec<SessionCreated>>(200),
        ),
    )
}

async fn list(
    app: axum::extract::State<App>,
    AccountBearer(claims): AccountBearer,
) -> Result<Json<Vec<SessionCreated>>, ApiProblem> {
    let sessions = app.store.sessions_of(claims.user).await?;
    Ok(Json(sessions.into_iter().map(super::as_created).collect()))
}
