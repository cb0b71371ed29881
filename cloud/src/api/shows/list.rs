//! `GET /api/shows`: where each of the account's shows stands, the deleted ones too, so that every machine hears of it.

use axum::Json;
use returnfeed_protocol::ShowEntry;

use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Routes, get};
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/shows",
        list,
        Operation::new(
            "Where each of the account's shows stands, the deleted ones too",
            ACCOUNTS,
            Answer::json::<Vec<ShowEntry>>(200),
        ),
    )
}

async fn list(
    app: axum::extract::State<App>,
    AccountBearer(claims): AccountBearer,
) -> Result<Json<Vec<ShowEntry>>, ApiProblem> {
    Ok(Json(app.store.shows_of(claims.user).await?))
}
