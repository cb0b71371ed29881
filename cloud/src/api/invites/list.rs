//! `GET /api/sessions/{id}/invites`: every invitation of a session, with its code, for whoever directs it.

use axum::Json;
use returnfeed_protocol::Invite;

use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Routes, get};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/sessions/{session}/invites",
        list,
        Operation::new(
            "Every invitation of a session, with its code",
            CREATOR_OR_DIRECTOR,
            Answer::json::<Vec<Invite>>(200),
        ),
    )
}

async fn list(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    bearer: AnyBearer,
) -> Result<Json<Vec<Invite>>, ApiProblem> {
    directed(&app, id, bearer).await?;
    let now = app.clock.unix_ms();
    let invites = app.store.invites(id).await?;
    Ok(Json(invites.into_iter().map(|invite| super::shown(invite, now)).collect()))
}
