//! `POST /api/admin/users/{user}/logout`: every login of an account is over, by a host.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::json;

use super::{Host, USER_NOT_FOUND, account_of};
use crate::api::accounts::HOSTS;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, post};
use crate::app::App;
use crate::store::Which;

pub(super) fn route() -> Routes {
    post(
        "/api/admin/users/{user}/logout",
        logout,
        Operation::new("Every login of an account is over", HOSTS, Answer::empty(204))
            .refuses(&[USER_NOT_FOUND]),
    )
}

async fn logout(State(app): State<App>, host: Host, user: Path<String>) -> Result<StatusCode, ApiProblem> {
    let account = account_of(&app, user).await?;
    let ended = app.store.end_logins(account.id, Which::All, app.clock.unix_ms()).await?;
    app.close_lent(&ended);
    host.did(&app, "logout.everywhere", None, json!({ "account": account.id, "logins": ended.logins })).await;
    Ok(StatusCode::NO_CONTENT)
}
