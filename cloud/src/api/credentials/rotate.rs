//! `POST /api/sessions/{id}/credentials/rotate`: a new passphrase. What pushes goes on; whoever connects next needs the
//! new one.

use axum::Json;
use axum::http::HeaderMap;
use returnfeed_protocol::PublishCredentials;
use serde_json::json;

use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, Routes, post};
use crate::api::sessions::{directed, new_passphrase};
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/credentials/rotate",
        rotate,
        Operation::new(
            "A new passphrase; what pushes goes on, whoever connects next needs it",
            CREATOR_OR_DIRECTOR,
            Answer::json::<PublishCredentials>(200),
        )
        .refuses(&[Refusal(409, "session_ended")]),
    )
}

async fn rotate(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    bearer: AnyBearer,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Json<PublishCredentials>, ApiProblem> {
    let (session, by) = directed(&app, id, bearer).await?;
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let sealed = app.sealer.seal(id, &new_passphrase());
    app.store.set_passphrase(id, &sealed, app.clock.unix_ms()).await?;
    let session = app.store.session(id).await?.ok_or_else(ApiProblem::session_not_found)?;
    let made = super::made(&app, &session, &super::host(&headers)).await?;
    app.audit(by, id, "credentials.rotated", json!({}), peer).await;
    tracing::info!(session = %id, "a session has a new passphrase");
    Ok(Json(made))
}
