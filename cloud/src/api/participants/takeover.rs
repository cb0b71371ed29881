//! `POST /api/sessions/{id}/participants/{participant}/takeover`: whether somebody gets the number that they asked for.
//!
//! The director decides; who has the number may yield it, and may not refuse in the director's place.

use axum::http::StatusCode;
use returnfeed_protocol::{CameraNumber, ParticipantId, Role, SessionId, TakeoverDecision};
use serde_json::json;

use super::ParticipantPath;
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, RequestBody, Routes, post};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;
use crate::store::Actor;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/participants/{participant}/takeover",
        decide,
        Operation::new(
            "Whether somebody gets the camera number that they asked for",
            CREATOR_OR_DIRECTOR,
            Answer::empty(204),
        )
        .takes(RequestBody::json::<TakeoverDecision>())
        .refuses(&[Refusal(404, "participant_not_found"), Refusal(409, "not_asked")]),
    )
}

async fn decide(
    app: axum::extract::State<App>,
    ParticipantPath { session, participant }: ParticipantPath,
    bearer: AnyBearer,
    peer: Peer,
    Body(TakeoverDecision { allow }): Body<TakeoverDecision>,
) -> Result<StatusCode, ApiProblem> {
    let (by, camera) = decider(&app, session, participant, bearer, allow).await?;
    if allow {
        let holders = app.store.holders(session, camera).await?;
        let from: Vec<_> = holders.iter().map(|holder| holder.id).filter(|id| *id != participant).collect();
        super::hand_over(&app, session, participant, camera, &from).await?;
    } else {
        app.relay.settle(session, participant);
    }
    let detail = json!({ "participant": participant, "camera": camera, "allowed": allow });
    app.audit(by, session, "participant.takeover", detail, peer).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may decide, and about which number.
async fn decider(
    app: &App,
    session: SessionId,
    asker: ParticipantId,
    bearer: AnyBearer,
    allow: bool,
) -> Result<(Actor, CameraNumber), ApiProblem> {
    let yields = match bearer {
        AnyBearer::Session(claims) if claims.session == session && claims.role == Role::Camera && allow => {
            Some(app.present(&claims).await?)
        }
        AnyBearer::Session(_) | AnyBearer::Account(_) => None,
    };
    let Some(holder) = yields else {
        let (_, by) = directed(app, session, bearer).await?;
        return Ok((by, app.relay.question(session, asker).ok_or_else(not_asked)?));
    };
    let camera = app.relay.question(session, asker).ok_or_else(not_asked)?;
    if holder.camera != Some(camera) {
        return Err(ApiProblem::not_the_director());
    }
    Ok((Actor::Participant { id: holder.id, name: holder.name }, camera))
}

fn not_asked() -> ApiProblem {
    let detail = "It may be decided already. Ask for the participants again.";
    ApiProblem::new(StatusCode::CONFLICT, "not_asked", "They ask for no camera number now", detail)
}
