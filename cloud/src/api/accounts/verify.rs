//! `POST /api/users/{user}/verify-link`: a link that proves an e-mail, by a host, who sends it to that e-mail.
//! `POST /api/email/verify`: whoever read it there proves it.
//!
//! There is no mail server: that the link went to the e-mail and nowhere else is the host's word.

use std::time::Instant;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use returnfeed_protocol::{EmailProof, OneTimeLink};
use serde_json::json;

use super::reset::link_by_host;
use super::{Caller, HOSTS, Lasting, note};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::{HostBearer, hash_of};

const PROOF_INVALID: Refusal = Refusal(403, "proof_invalid");

pub(super) fn routes() -> Routes {
    let make = Operation::new(
        "A link that proves the e-mail of an account",
        HOSTS,
        Answer::json::<OneTimeLink>(201),
    )
    .refuses(&[Refusal(403, "https_needed"), Refusal(404, "user_not_found")]);
    let spend =
        Operation::new("An e-mail is proven, by a link that works once", EVERYBODY, Answer::empty(204))
            .takes(RequestBody::json::<EmailProof>())
            .refuses(&[Refusal(403, "https_needed"), PROOF_INVALID, Refusal(429, "too_many_attempts")]);
    post("/api/users/{user}/verify-link", make_link, make).merge(post("/api/email/verify", verify, spend))
}

async fn make_link(
    State(app): State<App>,
    HostBearer(claims): HostBearer,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<(StatusCode, Json<OneTimeLink>), ApiProblem> {
    link_by_host(&app, &claims, &caller, &user, Lasting::proof, "email.verify_link").await
}

async fn verify(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<EmailProof>,
) -> Result<StatusCode, ApiProblem> {
    let address = caller.peer.throttled();
    app.throttles.by_address.attempt(address, Instant::now())?;
    let proven = app.store.verify_email(&hash_of(request.token.as_bytes()), app.clock.unix_ms()).await?;
    let account = proven.ok_or_else(invalid)?;
    app.throttles.by_address.forgive(&address);
    note(&app, &account, &caller, "email.verified", json!({})).await;
    Ok(StatusCode::NO_CONTENT)
}

fn invalid() -> ApiProblem {
    let detail = "The link is good once and for three days. Ask the host of this server for a new one.";
    ApiProblem::new(StatusCode::FORBIDDEN, PROOF_INVALID.1, "This link is not good any more", detail)
}
