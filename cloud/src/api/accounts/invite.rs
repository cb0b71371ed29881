//! `POST /api/account-invites`: a link that lets somebody register, once, by a host.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{CreateAccountInvite, OneTimeLink};
use serde_json::json;

use super::{Caller, HOSTS, Lasting, as_email, link, note};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::HostBearer;
use crate::config::Registration;

pub(super) fn route() -> Routes {
    post(
        "/api/account-invites",
        invite,
        Operation::new("A link that lets somebody register", HOSTS, Answer::json::<OneTimeLink>(201))
            .takes(RequestBody::json::<CreateAccountInvite>())
            .refuses(&[Refusal(403, "https_needed"), Refusal(403, "registration_closed")]),
    )
}

async fn invite(
    State(app): State<App>,
    HostBearer(claims): HostBearer,
    caller: Caller,
    Body(request): Body<CreateAccountInvite>,
) -> Result<(StatusCode, Json<OneTimeLink>), ApiProblem> {
    if app.registration == Registration::Closed {
        return Err(closed());
    }
    let host = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let email = request.email.as_deref().map(as_email).transpose()?;
    let for_one = email.is_some();
    let made = link(&app.store, Lasting::invitation(email), Some(host.id), app.clock.unix_ms()).await?;
    note(&app, &host, &caller, "account.invited", json!({ "for_one_email": for_one })).await;
    Ok((StatusCode::CREATED, Json(made)))
}

fn closed() -> ApiProblem {
    let detail = "Set registration to \"invite\" in the settings of the server first.";
    ApiProblem::new(StatusCode::FORBIDDEN, "registration_closed", "Nobody can register here", detail)
}
