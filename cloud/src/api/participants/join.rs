//! `POST /api/join`: into a session by a code, without an account.

use std::time::Instant;

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{JoinRequest, JoinResponse, ParticipantId};

use crate::api::body::{Body, name};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::listen::Peer;
use crate::random;
use crate::store::Participant;

const NAME_LONGEST: usize = 60;

pub(super) fn route() -> Routes {
    post(
        "/api/join",
        join,
        Operation::new(
            "Into a session by a code, without an account",
            EVERYBODY,
            Answer::json::<JoinResponse>(201),
        )
        .takes(RequestBody::json::<JoinRequest>())
        .refuses(&[
            Refusal(404, "code_unknown"),
            Refusal(409, "session_ended"),
            Refusal(429, "too_many_attempts"),
        ]),
    )
}

async fn join(
    app: axum::extract::State<App>,
    peer: Peer,
    Body(request): Body<JoinRequest>,
) -> Result<(StatusCode, Json<JoinResponse>), ApiProblem> {
    let name = name("The name", request.name.as_deref().unwrap_or_default(), NAME_LONGEST)?;
    app.throttles.codes.attempt(peer.throttled(), Instant::now())?;
    let code = random::code_from_people(&request.code).ok_or_else(unknown)?;
    let (session, role) = app.store.session_by_code(&code).await?.ok_or_else(unknown)?;
    app.throttles.codes.forgive(&peer.throttled());
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let now = app.clock.unix_ms();
    let id = ParticipantId::from_parts(now, random::bytes());
    app.store.add_guest(&Participant { id, session: session.summary.id, role, name }, now).await?;
    tracing::info!(session = %session.summary.id, participant = %id, %role, "somebody joined");
    Ok((StatusCode::CREATED, Json(super::joined(&app.tokens, &session, id, role))))
}

fn unknown() -> ApiProblem {
    let detail = "Look at the code again, or ask the director for the link.";
    ApiProblem::new(StatusCode::NOT_FOUND, "code_unknown", "No session has this code", detail)
}
