//! `POST /api/second-factor`: the secret for an authenticator, by whoever knows the password.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{SecondFactorBegin, SecondFactorSecret};

use super::{ELSEWHERE, ON_ALREADY, on_already};
use crate::api::accounts::{Caller, proven};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::{FactorSecret, OwnBearer};
use crate::sealing::Row;

pub(super) fn route() -> Routes {
    post(
        "/api/second-factor",
        begin,
        Operation::new(
            "A secret for an authenticator; it counts from its first code on",
            ACCOUNTS,
            Answer::json::<SecondFactorSecret>(201),
        )
        .takes(RequestBody::json::<SecondFactorBegin>())
        .refuses(&[
            ON_ALREADY,
            ELSEWHERE,
            Refusal(403, "https_needed"),
            Refusal(403, "login_too_old"),
            Refusal(403, "password_wrong"),
            Refusal(429, "too_many_attempts"),
            Refusal(503, "server_busy"),
        ]),
    )
}

async fn begin(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
    Body(request): Body<SecondFactorBegin>,
) -> Result<(StatusCode, Json<SecondFactorSecret>), ApiProblem> {
    let account = proven(&app, claims, &caller, Some(request.password)).await?;
    if !account.has_password {
        return Err(elsewhere());
    }
    let secret = FactorSecret::random();
    let sealed = app.sealer.seal(Row::SecondFactor(account.id), &secret.text());
    if !app.store.begin_second_factor(account.id, &sealed).await? {
        return Err(on_already());
    }
    Ok((StatusCode::CREATED, Json(SecondFactorSecret { secret: secret.for_people() })))
}

fn elsewhere() -> ApiProblem {
    let detail = "It has no password here, so nothing else opens it. Set a second factor at the provider.";
    ApiProblem::new(StatusCode::CONFLICT, ELSEWHERE.1, "This account signs in at the provider alone", detail)
}
