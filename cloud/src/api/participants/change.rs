//! `PATCH /api/sessions/{id}/participants/{participant}`: the director renames, moves, or sets a camera number free.

use axum::Json;
use returnfeed_protocol::{ParticipantPatch, ParticipantSummary, Role};
use serde_json::json;

use super::{NAME_LONGEST, ParticipantPath, not_found, summary};
use crate::api::body::{Body, name};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, RequestBody, Routes, patch};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;

pub(super) fn route() -> Routes {
    patch(
        "/api/sessions/{session}/participants/{participant}",
        change,
        Operation::new(
            "A participant is renamed, moved, or their camera number set free",
            CREATOR_OR_DIRECTOR,
            Answer::json::<ParticipantSummary>(200),
        )
        .takes(RequestBody::json::<ParticipantPatch>())
        .refuses(&[Refusal(404, "participant_not_found")]),
    )
}

async fn change(
    app: axum::extract::State<App>,
    ParticipantPath { session, participant }: ParticipantPath,
    bearer: AnyBearer,
    peer: Peer,
    Body(mut patch): Body<ParticipantPatch>,
) -> Result<Json<ParticipantSummary>, ApiProblem> {
    let (_, by) = directed(&app, session, bearer).await?;
    patch.name = patch.name.as_deref().map(|given| name("The name", given, NAME_LONGEST)).transpose()?;
    let before =
        app.store.participant(participant).await?.filter(|who| who.session == session && !who.removed);
    let before = before.ok_or_else(not_found)?;
    if patch.camera.flatten().is_some() && before.role != Role::Camera {
        return Err(ApiProblem::invalid("Only a camera operator has a camera number."));
    }
    let now = app.clock.unix_ms();
    let changed =
        app.store.change_participant(session, participant, &patch, now).await?.ok_or_else(not_found)?;
    app.relay.seat(&changed);
    if patch.camera.is_some() {
        app.relay.settle(session, participant);
    }
    let detail =
        json!({ "participant": participant, "renamed": patch.name.is_some(), "camera": changed.camera });
    app.audit(by, session, "participant.changed", detail, peer).await;
    Ok(Json(summary(&app, &app.relay.connected(session), changed)))
}
