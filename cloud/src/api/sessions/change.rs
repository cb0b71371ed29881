//! `PATCH /api/sessions/{id}`: its name, its state, or the best layer of its public link; by the creator or the
//! director.
//!
//! What is over is opened again before anything else.

use axum::Json;
use returnfeed_protocol::{SessionCreated, SessionPatch};
use serde_json::json;

use crate::api::body::{Body, SessionPath};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, RequestBody, Routes, patch};
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;
use crate::store::Changed;

pub(super) fn route() -> Routes {
    patch(
        "/api/sessions/{session}",
        change,
        Operation::new(
            "A session's name, its state, or the best layer of its public link",
            CREATOR_OR_DIRECTOR,
            Answer::json::<SessionCreated>(200),
        )
        .takes(RequestBody::json::<SessionPatch>())
        .refuses(&[Refusal(409, "session_ended")]),
    )
}

async fn change(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    bearer: AnyBearer,
    peer: Peer,
    Body(mut change): Body<SessionPatch>,
) -> Result<Json<SessionCreated>, ApiProblem> {
    let (_, by) = super::directed(&app, id, bearer).await?;
    change.name = change.name.as_deref().map(super::session_name).transpose()?;
    match app.store.change_session(id, &change, app.clock.unix_ms()).await? {
        Changed::To(changed) => {
            tracing::info!(session = %id, state = %changed.summary.state, public_layer = %changed.public_layer, "a session is changed");
            let detail = json!({ "state": change.state, "public_layer": change.public_layer, "renamed": change.name.is_some() });
            app.audit(by, id, "session.changed", detail, peer).await;
            app.relay.handle_session_changed(&changed).await;
            if changed.has_ended() {
                app.metrics.end_session(id);
            } else {
                app.metrics.reopen_session(id);
            }
            Ok(Json(super::as_created(changed)))
        }
        Changed::Ended => Err(ApiProblem::session_ended()),
        Changed::Unknown => Err(ApiProblem::session_not_found()),
    }
}
