//! `POST /api/password`: another password, by whoever knows the one before; every other login of the account is over.

use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::PasswordChange;
use serde_json::json;

use super::{Caller, about, note, proven};
use crate::api::body::Body;
use crate::api::problem::{ApiProblem, PASSWORD_EASY};
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::OwnBearer;
use crate::store::Which;

pub(super) fn route() -> Routes {
    post(
        "/api/password",
        change,
        Operation::new("Another password; every other login is over", ACCOUNTS, Answer::empty(204))
            .takes(RequestBody::json::<PasswordChange>())
            .refuses(&[
                Refusal(403, "https_needed"),
                Refusal(403, "password_wrong"),
                PASSWORD_EASY,
                Refusal(429, "too_many_attempts"),
                Refusal(503, "server_busy"),
            ]),
    )
}

async fn change(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
    Body(request): Body<PasswordChange>,
) -> Result<StatusCode, ApiProblem> {
    let account = proven(&app, claims, &caller, Some(request.current)).await?;
    let hash = app.passwords.hash_new(&request.password.into(), about(&account)).await?;
    let now = app.clock.unix_ms();
    app.store.set_password(account.id, &hash, now).await?;
    let ended = app.store.end_logins(account.id, Which::AllBut(claims.login), now).await?;
    app.close_lent(&ended);
    note(&app, &account, &caller, "password.changed", json!({})).await;
    Ok(StatusCode::NO_CONTENT)
}
