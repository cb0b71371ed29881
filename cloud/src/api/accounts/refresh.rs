//! `POST /api/refresh`: the next access token and the next refresh token, for the refresh token, once.
//!
//! It refuses a token that was used before: somebody has a copy, and the login is over for both.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use returnfeed_protocol::{LoginResponse, RefreshBy, RefreshRequest};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::logged_in::{LIVES, LoggedIn, logged_in};
use super::{Caller, cookie, note};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::Presented;
use crate::store::Refreshed;

pub(super) fn route() -> Routes {
    post(
        "/api/refresh",
        refresh,
        Operation::new(
            "The next access token, for the refresh token of the cookie or the body",
            EVERYBODY,
            Answer::json::<LoginResponse>(200),
        )
        .takes(RequestBody::json::<RefreshRequest>())
        .refuses(&[
            Refusal(401, "refresh_invalid"),
            Refusal(401, "refresh_reused"),
            Refusal(403, "cross_site"),
            Refusal(403, "https_needed"),
        ]),
    )
}

async fn refresh(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(request): Body<RefreshRequest>,
) -> Result<LoggedIn, ApiProblem> {
    let (token, by): (SecretString, _) = match request.refresh_token {
        Some(token) => (token.into(), RefreshBy::Body),
        None => (cookie::of(&headers, caller.peer)?.ok_or_else(invalid)?, RefreshBy::Cookie),
    };
    let Presented { shown, successor } =
        app.refresh_tokens.read(token.expose_secret()).ok_or_else(invalid)?;
    match app.store.refresh_login(&shown, LIVES, app.clock.unix_ms()).await? {
        Refreshed::Successor(account) => Ok(logged_in(&app, account, shown.login, successor, by)),
        Refreshed::Reused(account, ended) => {
            app.close_lent(&ended);
            tracing::warn!(account = %account.id, login = %shown.login, "a refresh token was used twice: its login is over");
            note(&app, &account, &caller, "login.stolen", json!({ "login": shown.login.to_string() })).await;
            Err(reused())
        }
        Refreshed::Over => Err(invalid()),
    }
}

fn invalid() -> ApiProblem {
    let detail = "Log in again.";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "refresh_invalid", "This login is over", detail)
}

fn reused() -> ApiProblem {
    let detail = "This login was used from two places and is over for both. Log in again; if you were in one place \
                  alone, change your password.";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "refresh_reused", "This login was copied", detail)
}
