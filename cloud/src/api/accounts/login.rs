//! `POST /api/login`: e-mail and password for an account token.
//!
//! It refuses to say which of the two was wrong, in words or in time.

use std::time::Instant;

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{LoginRequest, LoginResponse};

use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::listen::Peer;

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
            Refusal(401, "login_failed"),
            Refusal(429, "too_many_attempts"),
            Refusal(503, "server_busy"),
        ]),
    )
}

async fn login(
    app: axum::extract::State<App>,
    peer: Peer,
    Body(request): Body<LoginRequest>,
) -> Result<Json<LoginResponse>, ApiProblem> {
    let (address, email) = (peer.throttled(), throttled(&request.email));
    app.throttles.by_address.attempt(address, Instant::now())?;
    app.throttles.by_account.attempt(email, Instant::now())?;

    let (account, hash) = match app.store.credentials(request.email.trim()).await? {
        Some(found) => (Some(found.account), found.password),
        None => (None, None),
    };
    let right = app.passwords.verify(&request.password.into(), hash).await?;
    let Some(account) = account.filter(|_| right) else { return Err(failed()) };

    app.throttles.by_address.forgive(&address);
    app.throttles.by_account.forget(&email);
    tracing::info!(account = %account.id, "logged in");
    Ok(Json(super::logged_in(&app, account)))
}

/// An e-mail as it is counted: a bounded key, whatever was sent.
fn throttled(email: &str) -> [u8; 32] {
    let digest =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, email.trim().to_lowercase().as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(digest.as_ref());
    key
}

fn failed() -> ApiProblem {
    let detail = "Check the e-mail and the password.";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "login_failed", "E-mail or password is wrong", detail)
}
