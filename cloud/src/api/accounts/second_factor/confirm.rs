//! `POST /api/second-factor/confirm`: the first code of the authenticator. From now on one is asked for at each login by
//! password, and every other login is over; what recovers a lost authenticator is told, once.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{RecoveryCodes, SecondFactorConfirm};
use serde_json::json;

use super::check::{opened, wrong};
use super::recovery::NewCodes;
use super::{CODE_WRONG, NOT_BEGUN, ON_ALREADY, on_already};
use crate::api::accounts::{Caller, note};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::OwnBearer;
use crate::store::FirstCode;

pub(super) fn route() -> Routes {
    post(
        "/api/second-factor/confirm",
        confirm,
        Operation::new(
            "The first code of the authenticator; every other login is over",
            ACCOUNTS,
            Answer::json::<RecoveryCodes>(201),
        )
        .takes(RequestBody::json::<SecondFactorConfirm>())
        .refuses(&[
            CODE_WRONG,
            NOT_BEGUN,
            ON_ALREADY,
            Refusal(403, "https_needed"),
            Refusal(429, "too_many_attempts"),
        ]),
    )
}

async fn confirm(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
    Body(request): Body<SecondFactorConfirm>,
) -> Result<(StatusCode, Json<RecoveryCodes>), ApiProblem> {
    let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let factor = app.store.second_factor(account.id).await?.ok_or_else(not_begun)?;
    if factor.is_on {
        return Err(on_already());
    }
    app.throttles.by_code.attempt(account.id, Instant::now())?;
    let now = app.clock.unix_ms();
    let step = opened(&app, account.id, &factor.secret)?.step_of(&request.code, now).ok_or_else(wrong)?;
    app.throttles.by_code.forget(&account.id);
    let codes = NewCodes::random();
    let recovery = codes.hashes();
    let first = FirstCode { secret: &factor.secret, step, recovery: &recovery, login: claims.login };
    let ended = app.store.confirm_second_factor(account.id, &first, now).await?.ok_or_else(not_begun)?;
    app.close_lent(&ended);
    note(&app, &account, &caller, "second_factor.on", json!({ "logins_ended": ended.logins })).await;
    tracing::info!(account = %account.id, "an account has a second factor");
    Ok((StatusCode::CREATED, Json(codes.for_people())))
}

fn not_begun() -> ApiProblem {
    let detail =
        "It may have been begun anew in another place. Begin again, and scan the picture that you see then.";
    ApiProblem::new(StatusCode::CONFLICT, NOT_BEGUN.1, "There is no authenticator to confirm", detail)
}
