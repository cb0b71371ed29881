//! `PATCH /api/admin/users/{user}`: shuts an account out, with every login of it, or lets it in again; makes it a host's
//! or no host's any more.
//!
//! A host is shut out by nobody, and the last one stays a host, or a server could lose whoever looks after it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use returnfeed_protocol::{HostUserPatch, UserId};
use serde_json::json;

use super::{Host, USER_NOT_FOUND, user_not_found};
use crate::api::accounts::{HOSTS, last_host};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, RequestBody, Routes, patch};
use crate::app::App;
use crate::store::HostSet;

pub(super) fn route() -> Routes {
    patch(
        "/api/admin/users/{user}",
        change,
        Operation::new(
            "Shuts an account out or lets it in; makes it a host's or no host's",
            HOSTS,
            Answer::empty(204),
        )
        .takes(RequestBody::json::<HostUserPatch>())
        .refuses(&[USER_NOT_FOUND, Refusal(409, "last_host")]),
    )
}

async fn change(
    State(app): State<App>,
    host: Host,
    Path(user): Path<String>,
    Body(HostUserPatch { disabled, host: as_host }): Body<HostUserPatch>,
) -> Result<StatusCode, ApiProblem> {
    let user: UserId = user.parse().map_err(|_| user_not_found())?;
    let now = app.clock.unix_ms();
    if let Some(disabled) = disabled {
        let ended = app.store.shut_account(user, disabled, now).await?.ok_or_else(user_not_found)?;
        app.close_lent(&ended);
        let what = if disabled { "account.shut" } else { "account.opened" };
        host.did(&app, what, None, json!({ "account": user })).await;
    }
    if let Some(as_host) = as_host {
        match app.store.set_host(user, as_host, now).await? {
            HostSet::Done => {}
            HostSet::LastHost => return Err(last_host()),
            HostSet::Unknown => return Err(user_not_found()),
        }
        let what = if as_host { "account.host_granted" } else { "account.host_revoked" };
        host.did(&app, what, None, json!({ "account": user })).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
