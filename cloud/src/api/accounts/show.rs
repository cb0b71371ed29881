//! `GET /api/account`: who is logged in.

use axum::routing::get;
use axum::{Json, Router};
use returnfeed_protocol::AccountSummary;

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Router<App> {
    Router::new().route("/api/account", get(show))
}

async fn show(
    app: axum::extract::State<App>,
    AccountBearer(claims): AccountBearer,
) -> Result<Json<AccountSummary>, ApiProblem> {
    let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    Ok(Json(super::summary(account)))
}
