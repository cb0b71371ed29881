//! `POST /api/sessions/{id}/participants/swap`: two camera operators get each other's number.

use axum::Json;
use returnfeed_protocol::{ParticipantSummary, Role, SwapRequest};
use serde_json::json;

use super::{not_found, summary};
use crate::api::body::{Body, SessionPath};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, RequestBody, Routes, post};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/participants/swap",
        swap,
        Operation::new(
            "Two camera operators get each other's number",
            CREATOR_OR_DIRECTOR,
            Answer::json::<Vec<ParticipantSummary>>(200),
        )
        .takes(RequestBody::json::<SwapRequest>())
        .refuses(&[Refusal(404, "participant_not_found")]),
    )
}

async fn swap(
    app: axum::extract::State<App>,
    SessionPath(session): SessionPath,
    bearer: AnyBearer,
    peer: Peer,
    Body(SwapRequest { one, other }): Body<SwapRequest>,
) -> Result<Json<Vec<ParticipantSummary>>, ApiProblem> {
    let (_, by) = directed(&app, session, bearer).await?;
    for id in [one, other] {
        let who = app.store.participant(id).await?.filter(|who| who.session == session && !who.removed);
        if who.ok_or_else(not_found)?.role != Role::Camera {
            return Err(ApiProblem::invalid("Only camera operators have camera numbers to swap."));
        }
    }
    let now = app.clock.unix_ms();
    let swapped = app.store.swap_cameras(session, [one, other], now).await?.ok_or_else(not_found)?;
    for who in &swapped {
        app.relay.settle(session, who.id);
        app.relay.seat(who);
    }
    app.audit(by, session, "participant.swapped", json!({ "one": one, "other": other }), peer).await;
    let connected = app.relay.connected(session);
    Ok(Json(swapped.into_iter().map(|who| summary(&app, &connected, who)).collect()))
}
