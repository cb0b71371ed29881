//! `POST /api/sessions/{id}/streams`: where a participant's player finds the picture, and for how long.
//!
//! It makes nothing: the picture itself is asked for by WHEP, with the same token.

use axum::Json;
use returnfeed_protocol::StreamGrant;

use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, MEMBERS, Operation, Refusal, Routes, post};
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/streams",
        stream,
        Operation::new(
            "Where this participant's picture is, and until when",
            MEMBERS,
            Answer::json::<StreamGrant>(200),
        )
        .refuses(&[Refusal(403, "not_receiving")]),
    )
}

async fn stream(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    SessionBearer(claims): SessionBearer,
) -> Result<Json<StreamGrant>, ApiProblem> {
    if claims.session != id {
        return Err(ApiProblem::session_not_found());
    }
    let max_layer = app.receiving(&claims).await?.max_layer;
    Ok(Json(StreamGrant { whep_url: format!("/whep/{id}"), max_layer, expires_at: claims.expires_at }))
}
