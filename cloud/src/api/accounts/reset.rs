//! `POST /api/users/{user}/reset`: a link for a new password, by a host, who hands it over as they see fit.
//! `POST /api/password/reset`: the new password, by that link, once; every login of the account is over.

use std::time::Instant;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use returnfeed_protocol::{OneTimeLink, PasswordReset, UserId};
use serde_json::json;

use super::{Caller, HOSTS, Lasting, about, link, note};
use crate::api::body::Body;
use crate::api::problem::{ApiProblem, PASSWORD_EASY};
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::{AccountClaims, HostBearer, hash_of};
use crate::store::{Account, Kind};

pub(super) fn routes() -> Routes {
    let make =
        Operation::new("A link for a new password of an account", HOSTS, Answer::json::<OneTimeLink>(201))
            .refuses(&[Refusal(403, "https_needed"), Refusal(404, "user_not_found")]);
    let spend = Operation::new("A new password, by a link that works once", EVERYBODY, Answer::empty(204))
        .takes(RequestBody::json::<PasswordReset>())
        .refuses(&[
            Refusal(403, "https_needed"),
            Refusal(403, "reset_invalid"),
            PASSWORD_EASY,
            Refusal(429, "too_many_attempts"),
            Refusal(503, "server_busy"),
        ]);
    post("/api/users/{user}/reset", make_link, make).merge(post("/api/password/reset", reset, spend))
}

async fn make_link(
    State(app): State<App>,
    HostBearer(claims): HostBearer,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<(StatusCode, Json<OneTimeLink>), ApiProblem> {
    link_by_host(&app, &claims, &caller, &user, Lasting::reset, "password.reset_link").await
}

/// A link for one account, by a host, written down as `what`.
pub(super) async fn link_by_host(
    app: &App,
    claims: &AccountClaims,
    caller: &Caller,
    user: &str,
    lasting: fn(&Account) -> Lasting,
    what: &'static str,
) -> Result<(StatusCode, Json<OneTimeLink>), ApiProblem> {
    let host = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let account = account_in(app, user).await?;
    let made = link(&app.store, lasting(&account), Some(host.id), app.clock.unix_ms()).await?;
    note(app, &host, caller, what, json!({ "account": account.id })).await;
    Ok((StatusCode::CREATED, Json(made)))
}

async fn reset(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<PasswordReset>,
) -> Result<StatusCode, ApiProblem> {
    let address = caller.peer.throttled();
    app.throttles.by_address.attempt(address, Instant::now())?;
    let (token, now) = (hash_of(request.token.as_bytes()), app.clock.unix_ms());
    let account = app.store.account_of_link(&token, Kind::Reset, now).await?.ok_or_else(invalid)?;
    app.throttles.by_address.forgive(&address);
    let hash = app.passwords.hash_new(&request.password.into(), about(&account)).await?;
    let (account, ended) = app.store.reset_password(&token, &hash, now).await?.ok_or_else(invalid)?;
    app.close_lent(&ended);
    note(&app, &account, &caller, "password.reset", json!({})).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The account that an address names.
async fn account_in(app: &App, user: &str) -> Result<Account, ApiProblem> {
    let user: UserId = user.parse().map_err(|_| user_not_found())?;
    app.store.account(user).await?.ok_or_else(user_not_found)
}

fn user_not_found() -> ApiProblem {
    let detail = "Look at the list of users; the account may have been deleted.";
    ApiProblem::new(StatusCode::NOT_FOUND, "user_not_found", "There is no such account", detail)
}

fn invalid() -> ApiProblem {
    let detail = "The link is good once and for a day. Ask the host of this server for a new one.";
    ApiProblem::new(StatusCode::FORBIDDEN, "reset_invalid", "This link is not good any more", detail)
}
