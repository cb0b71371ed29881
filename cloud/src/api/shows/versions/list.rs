//! `GET /api/shows/{id}/versions`: where a show stands and how it came there; also of a deleted one.

use axum::Json;
use returnfeed_protocol::ShowHistory;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, get};
use crate::api::shows::{NOT_FOUND, OWNER, ShowPath, refusal};
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/shows/{show}/versions",
        list,
        Operation::new(
            "Where a show stands, and its last 50 versions, the newest first",
            OWNER,
            Answer::json::<ShowHistory>(200),
        )
        .refuses(&[NOT_FOUND]),
    )
}

async fn list(
    app: axum::extract::State<App>,
    ShowPath(id): ShowPath,
    AccountBearer(claims): AccountBearer,
) -> Result<Json<ShowHistory>, ApiProblem> {
    app.store.show_history(claims.user, id).await?.map(Json).ok_or_else(refusal::not_found)
}
