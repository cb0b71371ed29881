//! `DELETE /api/admin/users/{user}/second-factor`: for somebody who has lost authenticator and codes, by a host who knows
//! that it is they who ask. The password stays, and every login.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::json;

use super::{Host, USER_NOT_FOUND, account_of};
use crate::api::accounts::{HOSTS, second_factor};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, delete};
use crate::app::App;

pub(super) fn route() -> Routes {
    delete(
        "/api/admin/users/{user}/second-factor",
        reset,
        Operation::new("An account has no second factor any more", HOSTS, Answer::empty(204))
            .refuses(&[USER_NOT_FOUND, second_factor::NONE]),
    )
}

async fn reset(State(app): State<App>, host: Host, user: Path<String>) -> Result<StatusCode, ApiProblem> {
    let account = account_of(&app, user).await?;
    if !app.store.end_second_factor(account.id).await? {
        return Err(second_factor::none());
    }
    host.did(&app, "second_factor.reset", None, json!({ "account": account.id })).await;
    Ok(StatusCode::NO_CONTENT)
}
