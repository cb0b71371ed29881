//! `DELETE /api/sessions/{id}/invites/{invite}`: nobody comes by it any more; who came stays.

use axum::Json;
use returnfeed_protocol::Invite;
use serde_json::json;

use super::{InvitePath, not_found};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, Routes, delete};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;

pub(super) fn route() -> Routes {
    delete(
        "/api/sessions/{session}/invites/{invite}",
        revoke,
        Operation::new(
            "An invitation is taken back; who came by it stays",
            CREATOR_OR_DIRECTOR,
            Answer::json::<Invite>(200),
        )
        .refuses(&[Refusal(404, "invite_not_found")]),
    )
}

async fn revoke(
    app: axum::extract::State<App>,
    InvitePath { session, invite }: InvitePath,
    bearer: AnyBearer,
    peer: Peer,
) -> Result<Json<Invite>, ApiProblem> {
    let (_, by) = directed(&app, session, bearer).await?;
    let now = app.clock.unix_ms();
    let revoked = app.store.revoke_invite(session, invite, now).await?.ok_or_else(not_found)?;
    app.audit(by, session, "invite.revoked", json!({ "invite": invite }), peer).await;
    tracing::info!(%session, %invite, "an invitation is taken back");
    Ok(Json(super::shown(revoked, now)))
}
