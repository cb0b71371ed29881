//! `POST /api/register`: a new account, where the host lets people make one.
//!
//! It refuses to make the first account of a server, which is the host's and needs the setup token. Invariant: an
//! invitation that is refused is not spent.

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{LoginResponse, RegisterRequest};
use serde_json::json;

use super::logged_in::{LoggedIn, log_in};
use super::{Caller, about, note};
use crate::api::body::Body;
use crate::api::problem::{ApiProblem, PASSWORD_EASY};
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::hash_of;
use crate::config::Registration;
use crate::store::{Kind, Registered};

pub(super) fn route() -> Routes {
    post(
        "/api/register",
        register,
        Operation::new("A new account", EVERYBODY, Answer::json::<LoginResponse>(201))
            .takes(RequestBody::json::<RegisterRequest>())
            .refuses(&[
                Refusal(403, "https_needed"),
                Refusal(403, "invite_invalid"),
                Refusal(403, "registration_closed"),
                Refusal(409, "email_taken"),
                Refusal(409, "not_set_up"),
                PASSWORD_EASY,
                Refusal(429, "too_many_attempts"),
                Refusal(503, "server_busy"),
            ]),
    )
}

async fn register(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<RegisterRequest>,
) -> Result<(StatusCode, LoggedIn), ApiProblem> {
    app.throttles.registrations.attempt(caller.peer.throttled(), Instant::now())?;
    let invite = match (app.registration, request.invite) {
        (Registration::Closed, _) => return Err(closed()),
        (Registration::Invite, None) => return Err(not_invited()),
        (Registration::Invite | Registration::Open, Some(token)) => Some(hash_of(token.as_bytes())),
        (Registration::Open, None) => None,
    };
    if app.store.has_no_account().await? {
        return Err(not_set_up());
    }
    let now = app.clock.unix_ms();
    if let Some(invite) = &invite
        && !app.store.has_link(invite, Kind::Register, now).await?
    {
        return Err(not_invited());
    }
    let account = super::new_account(now, &request.email, &request.name)?;
    let password = app.passwords.hash_new(&request.password.into(), about(&account)).await?;
    let registered = match &invite {
        Some(invite) => app.store.register(invite, &account, &password, now).await?,
        None => match app.store.add_account(&account, &password, now).await? {
            Some(_) => Registered::Added,
            None => Registered::Taken,
        },
    };
    match registered {
        Registered::Added => {}
        Registered::Taken => return Err(taken()),
        Registered::NotInvited => return Err(not_invited()),
    }
    note(&app, &account, &caller, "account.registered", json!({ "invited": invite.is_some() })).await;
    Ok((StatusCode::CREATED, log_in(&app, account, &caller, request.refresh).await?))
}

fn closed() -> ApiProblem {
    let detail = "Ask the host of this server for an account.";
    ApiProblem::new(StatusCode::FORBIDDEN, "registration_closed", "Nobody can register here", detail)
}

fn not_invited() -> ApiProblem {
    let detail = "The link of an invitation is good once, for some days, and for its own e-mail where it names one. Ask \
                  the host of this server for a new one.";
    ApiProblem::new(StatusCode::FORBIDDEN, "invite_invalid", "There is no such invitation", detail)
}

fn not_set_up() -> ApiProblem {
    let detail =
        "The host makes the first account, with the setup token that the server printed when it started.";
    ApiProblem::new(StatusCode::CONFLICT, "not_set_up", "This server has no host yet", detail)
}

fn taken() -> ApiProblem {
    let detail = "Log in with it, or ask the host of this server for a link to set a new password.";
    ApiProblem::new(StatusCode::CONFLICT, "email_taken", "This e-mail has an account already", detail)
}
