//! `DELETE /api/sessions/{id}/participants/{participant}`: out of the session, at once, with every page and picture.

use axum::http::StatusCode;
use returnfeed_protocol::Role;
use serde_json::json;

use super::{ParticipantPath, not_found};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, Routes, delete};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;

pub(super) fn route() -> Routes {
    delete(
        "/api/sessions/{session}/participants/{participant}",
        remove,
        Operation::new(
            "A participant is taken out, with every page and picture",
            CREATOR_OR_DIRECTOR,
            Answer::empty(204),
        )
        .refuses(&[Refusal(404, "participant_not_found"), Refusal(409, "director_stays")]),
    )
}

async fn remove(
    app: axum::extract::State<App>,
    ParticipantPath { session, participant }: ParticipantPath,
    bearer: AnyBearer,
    peer: Peer,
) -> Result<StatusCode, ApiProblem> {
    let (_, by) = directed(&app, session, bearer).await?;
    let there = app.store.participant(participant).await?.filter(|who| who.session == session);
    if there.ok_or_else(not_found)?.role == Role::Director {
        return Err(director_stays());
    }
    let now = app.clock.unix_ms();
    // Once it is written, nothing new is opened; then what is open is closed.
    app.store.remove_participant(session, participant, now).await?.ok_or_else(not_found)?;
    app.relay.remove(session, participant);
    app.audit(by, session, "participant.removed", json!({ "participant": participant }), peer).await;
    tracing::info!(%session, %participant, "somebody is taken out");
    Ok(StatusCode::NO_CONTENT)
}

fn director_stays() -> ApiProblem {
    let detail = "The director of a session is the account that made it. To stop, end the session.";
    ApiProblem::new(StatusCode::CONFLICT, "director_stays", "The director cannot be taken out", detail)
}
