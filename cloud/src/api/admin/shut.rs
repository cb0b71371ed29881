//! `PATCH /api/admin/users/{user}`: shuts an account out, with every login of it, or lets it in again.
//!
//! A host is shut out by nobody, or a server could lose its last one.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use returnfeed_protocol::{HostUserPatch, UserId};
use serde_json::json;

use super::Host;
use crate::api::accounts::HOSTS;
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, RequestBody, Routes, patch};
use crate::app::App;

const USER_NOT_FOUND: Refusal = Refusal(404, "user_not_found");

pub(super) fn route() -> Routes {
    patch(
        "/api/admin/users/{user}",
        shut,
        Operation::new("Shuts an account out, or lets it in again", HOSTS, Answer::empty(204))
            .takes(RequestBody::json::<HostUserPatch>())
            .refuses(&[USER_NOT_FOUND]),
    )
}

async fn shut(
    State(app): State<App>,
    host: Host,
    Path(user): Path<String>,
    Body(HostUserPatch { disabled }): Body<HostUserPatch>,
) -> Result<StatusCode, ApiProblem> {
    let user: UserId = user.parse().map_err(|_| not_found())?;
    if !app.store.shut_account(user, disabled, app.clock.unix_ms()).await? {
        return Err(not_found());
    }
    let what = if disabled { "account.shut" } else { "account.opened" };
    host.did(&app, what, None, json!({ "account": user })).await;
    Ok(StatusCode::NO_CONTENT)
}

fn not_found() -> ApiProblem {
    let detail = "Look at the list again. A host's account is shut by nobody.";
    ApiProblem::new(StatusCode::NOT_FOUND, USER_NOT_FOUND.1, "There is no such account to shut", detail)
}
