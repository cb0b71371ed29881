//! `POST /api/second-factor/recovery-codes`: by password and code, new codes to recover by in the place of all before; told
//! once. The authenticator stays, and so does each login.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{RecoveryCodes, RecoveryCodesRenewal};
use serde_json::json;

use super::recovery::NewCodes;
use super::{PROOF, none, passed};
use crate::api::accounts::{Caller, note, proven};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::OwnBearer;

pub(super) fn route() -> Routes {
    post(
        "/api/second-factor/recovery-codes",
        renew,
        Operation::new(
            "New codes to recover by, in the place of all before",
            ACCOUNTS,
            Answer::json::<RecoveryCodes>(201),
        )
        .takes(RequestBody::json::<RecoveryCodesRenewal>())
        .refuses(&PROOF),
    )
}

async fn renew(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
    Body(request): Body<RecoveryCodesRenewal>,
) -> Result<(StatusCode, Json<RecoveryCodes>), ApiProblem> {
    let account = proven(&app, claims, &caller, Some(request.password)).await?;
    if !account.second_factor {
        return Err(none());
    }
    passed(&app, &account, &caller, Some(&request.code)).await?;
    let new = NewCodes::random();
    if !app.store.renew_recovery_codes(account.id, &new.hashes()).await? {
        return Err(none());
    }
    note(&app, &account, &caller, "second_factor.codes_renewed", json!({})).await;
    Ok((StatusCode::CREATED, Json(new.for_people())))
}
