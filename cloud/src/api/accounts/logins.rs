//! `GET /api/logins`: where an account is logged in. `DELETE /api/logins/{login}`: not there any more.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use returnfeed_protocol::LoginSummary;
use serde_json::json;
use uuid::Uuid;

use super::{Caller, note};
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, Routes, delete, get};
use crate::app::App;
use crate::auth::OwnBearer;
use crate::store::{LoginRow, Which};

const LOGIN_NOT_FOUND: Refusal = Refusal(404, "login_not_found");

pub(super) fn routes() -> Routes {
    let told =
        Operation::new("Where the account is logged in", ACCOUNTS, Answer::json::<Vec<LoginSummary>>(200));
    let ended = Operation::new("One login of the account is over", ACCOUNTS, Answer::empty(204))
        .refuses(&[Refusal(403, "https_needed"), LOGIN_NOT_FOUND]);
    get("/api/logins", list, told).merge(delete("/api/logins/{login}", end, ended))
}

async fn list(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
) -> Result<Json<Vec<LoginSummary>>, ApiProblem> {
    let logins = app.store.logins_of(claims.user, app.clock.unix_ms()).await?;
    let told = |LoginRow { id, created_at, used_at, address, agent }| {
        let current = id == claims.login;
        LoginSummary { id: id.to_string(), created_at, used_at, address, agent, current }
    };
    Ok(Json(logins.into_iter().map(told).collect()))
}

async fn end(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
    Path(login): Path<String>,
) -> Result<StatusCode, ApiProblem> {
    let login: Uuid = login.parse().map_err(|_| not_found())?;
    let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let ended = app.store.end_logins(account.id, Which::One(login), app.clock.unix_ms()).await?;
    if ended.logins == 0 {
        return Err(not_found());
    }
    app.close_lent(&ended);
    note(&app, &account, &caller, "logout", json!({ "login": login })).await;
    Ok(StatusCode::NO_CONTENT)
}

fn not_found() -> ApiProblem {
    let detail = "It may have ended meanwhile. Look at the list again.";
    ApiProblem::new(StatusCode::NOT_FOUND, LOGIN_NOT_FOUND.1, "There is no such login", detail)
}
