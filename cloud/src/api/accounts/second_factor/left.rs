//! `GET /api/second-factor`: how many codes to recover by are left.

use axum::Json;
use axum::extract::State;
use returnfeed_protocol::RecoveryCodesLeft;

use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Routes, get};
use crate::app::App;
use crate::auth::OwnBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/second-factor",
        left,
        Operation::new(
            "How many codes to recover by are left",
            ACCOUNTS,
            Answer::json::<RecoveryCodesLeft>(200),
        ),
    )
}

async fn left(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
) -> Result<Json<RecoveryCodesLeft>, ApiProblem> {
    let recovery_codes_left = app.store.recovery_codes_left(claims.user).await?;
    Ok(Json(RecoveryCodesLeft { recovery_codes_left }))
}
