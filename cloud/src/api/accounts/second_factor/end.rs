//! `DELETE /api/second-factor`: by password and code, the account has none any more.

use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::SecondFactorEnd;
use serde_json::json;

use super::{PROOF, none, passed};
use crate::api::accounts::{Caller, note, proven};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, RequestBody, Routes, delete};
use crate::app::App;
use crate::auth::OwnBearer;

pub(super) fn route() -> Routes {
    delete(
        "/api/second-factor",
        end,
        Operation::new("The account has no second factor any more", ACCOUNTS, Answer::empty(204))
            .takes(RequestBody::json::<SecondFactorEnd>())
            .refuses(&PROOF),
    )
}

async fn end(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
    Body(request): Body<SecondFactorEnd>,
) -> Result<StatusCode, ApiProblem> {
    let account = proven(&app, claims, &caller, Some(request.password)).await?;
    if !account.second_factor {
        return Err(none());
    }
    passed(&app, &account, &caller, Some(&request.code)).await?;
    app.store.end_second_factor(account.id).await?;
    note(&app, &account, &caller, "second_factor.off", json!({})).await;
    Ok(StatusCode::NO_CONTENT)
}
