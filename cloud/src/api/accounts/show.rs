//! `GET /api/account`: who is logged in.

use axum::Json;
use returnfeed_protocol::AccountSummary;

use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Routes, get};
use crate::app::App;
use crate::auth::OwnBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/account",
        show,
        Operation::new("Who is logged in", ACCOUNTS, Answer::json::<AccountSummary>(200)),
    )
}

async fn show(
    app: axum::extract::State<App>,
    OwnBearer(claims): OwnBearer,
) -> Result<Json<AccountSummary>, ApiProblem> {
    let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    Ok(Json(super::summary(&app, account)))
}
