//! `POST /api/login`: e-mail and password for an account token, and a code where the account has a second factor.
//!
//! It refuses to say which of the two was wrong, in words or in time; that a code is wanted is said to whoever has both.

use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{LoginRequest, LoginResponse};
use secrecy::SecretString;
use serde_json::json;

use super::logged_in::{LoggedIn, log_in};
use super::second_factor::{CODE_NEEDED, CODE_WRONG, passed};
use super::{Caller, guess};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::Verdict;
use crate::store::{Actor, Credentials, Entry};

pub(super) fn route() -> Routes {
    post(
        "/api/login",
        login,
        Operation::new(
            "E-mail and password for an account token",
            EVERYBODY,
            Answer::json::<LoginResponse>(200),
        )
        .takes(RequestBody::json::<LoginRequest>())
        .refuses(&[
            CODE_NEEDED,
            CODE_WRONG,
            Refusal(401, "login_failed"),
            Refusal(403, "https_needed"),
            Refusal(429, "too_many_attempts"),
            Refusal(503, "server_busy"),
        ]),
    )
}

async fn login(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LoginRequest>,
) -> Result<LoggedIn, ApiProblem> {
    let email = request.email.trim();
    let guess = guess(&app, &caller, email)?;
    let found = app.store.credentials(email).await?;
    let (password, hash) =
        (SecretString::from(request.password), found.as_ref().and_then(|found| found.password.clone()));
    let verdict = app.passwords.verify(&password, hash.clone()).await?;
    let found = match found {
        Some(Credentials { account, disabled: false, .. }) if verdict != Verdict::Wrong => account,
        Some(Credentials { account, .. }) => {
            let (actor, detail) = (Actor::Unknown, json!({ "account": account.id.to_string() }));
            let address = Some(caller.peer.address);
            let entry = Entry { actor, session: None, what: "login.failed", detail, address };
            app.store.audit(&entry, app.clock.unix_ms()).await;
            return Err(failed());
        }
        None => return Err(failed()),
    };
    guess.was_right();
    passed(&app, &found, &caller, request.code.as_deref()).await?;
    if let (Verdict::RightAndOutdated, Some(before)) = (verdict, hash) {
        let hash = app.passwords.hash(&password).await?;
        app.store.rehash_password(found.id, &before, &hash).await?;
    }
    log_in(&app, found, &caller, request.refresh).await
}

pub(in crate::api) fn failed() -> ApiProblem {
    let detail = "Check the e-mail and the password.";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "login_failed", "E-mail or password is wrong", detail)
}
