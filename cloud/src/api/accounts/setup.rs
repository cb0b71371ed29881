//! `POST /api/setup`: the first account of a new server, by whoever reads its terminal.

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{LoginResponse, SetupRequest};

use super::logged_in::{LoggedIn, log_in};
use super::{Caller, about};
use crate::api::body::Body;
use crate::api::problem::{ApiProblem, PASSWORD_EASY};
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;

pub(super) fn route() -> Routes {
    post(
        "/api/setup",
        setup,
        Operation::new("The first account of a new server", EVERYBODY, Answer::json::<LoginResponse>(201))
            .takes(RequestBody::json::<SetupRequest>())
            .refuses(&[
                Refusal(403, "https_needed"),
                Refusal(403, "setup_token_wrong"),
                Refusal(409, "already_set_up"),
                PASSWORD_EASY,
                Refusal(429, "too_many_attempts"),
                Refusal(503, "server_busy"),
            ]),
    )
}

async fn setup(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<SetupRequest>,
) -> Result<(StatusCode, LoggedIn), ApiProblem> {
    if !app.store.has_no_account().await? {
        return Err(already_set_up());
    }
    app.throttles.by_address.attempt(caller.peer.throttled(), Instant::now())?;
    if !app.setup.is(&request.setup_token) {
        return Err(wrong_token());
    }
    app.throttles.by_address.forgive(&caller.peer.throttled());
    let account = super::new_account(app.clock.unix_ms(), &request.email, &request.name)?;
    let password = app.passwords.hash_new(&request.password.into(), about(&account)).await?;
    let made = app.store.add_first_account(&account, &password, app.clock.unix_ms()).await?;
    let account = made.ok_or_else(already_set_up)?;
    app.setup.spend();
    tracing::info!(account = %account.id, "the first account is made");
    Ok((StatusCode::CREATED, log_in(&app, account, &caller, request.refresh).await?))
}

fn already_set_up() -> ApiProblem {
    let detail = "Log in, or ask whoever has an account here.";
    ApiProblem::new(StatusCode::CONFLICT, "already_set_up", "This server has an account already", detail)
}

fn wrong_token() -> ApiProblem {
    let detail = "Copy the setup token that the server printed when it started; each start prints a new one.";
    ApiProblem::new(StatusCode::FORBIDDEN, "setup_token_wrong", "The setup token is wrong", detail)
}
