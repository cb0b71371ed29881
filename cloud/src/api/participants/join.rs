//! `POST /api/join`: into a session by an invitation, without an account.
//!
//! The only way to spend an invitation: nothing that is fetched by GET looks at a code.

use std::time::Instant;

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{JoinRequest, JoinResponse, ParticipantId};

use super::{NAME_LONGEST, joined};
use crate::api::body::{Body, name};
use crate::api::invites::refusal;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::listen::Peer;
use crate::random;
use crate::store::Participant;

pub(super) fn route() -> Routes {
    post(
        "/api/join",
        join,
        Operation::new(
            "Into a session by an invitation, without an account",
            EVERYBODY,
            Answer::json::<JoinResponse>(201),
        )
        .takes(RequestBody::json::<JoinRequest>())
        .refuses(&[
            Refusal(404, "code_unknown"),
            Refusal(409, "session_ended"),
            Refusal(410, "invite_expired"),
            Refusal(410, "invite_used_up"),
            Refusal(410, "invite_revoked"),
            Refusal(429, "too_many_attempts"),
            Refusal(503, "server_stopping"),
        ]),
    )
}

async fn join(
    app: axum::extract::State<App>,
    peer: Peer,
    Body(request): Body<JoinRequest>,
) -> Result<(StatusCode, Json<JoinResponse>), ApiProblem> {
    app.doors.admit(Instant::now())?;
    let name = name("The name", request.name.as_deref().unwrap_or_default(), NAME_LONGEST)?;
    app.throttles.codes.attempt(peer.throttled(), Instant::now())?;
    let code = random::code_from_people(&request.code).ok_or_else(unknown)?;
    let invite = app.store.invite_by_code(&code).await?.ok_or_else(unknown)?;
    let session = app.store.session(invite.session).await?.ok_or_else(unknown)?;
    // A code that was good once was told to them: no guess.
    app.throttles.codes.forgive(&peer.throttled());
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let now = app.clock.unix_ms();
    if let Some(refusal) = refusal(invite.terms.state(now)) {
        return Err(refusal);
    }
    let id = ParticipantId::from_parts(now, random::bytes());
    let guest = Participant::new(id, invite.session, invite.role, name, now);
    let guest = Participant { invite: Some(invite.id), max_layer: invite.max_layer, ..guest };
    // The last use may have been another's between the look and now.
    if let Some(refusal) = refusal(app.store.redeem(invite.id, &guest, now).await?) {
        return Err(refusal);
    }
    tracing::info!(session = %invite.session, participant = %id, role = %invite.role, "somebody joined");
    Ok((StatusCode::CREATED, Json(joined(&app.tokens, &session, &guest, invite.camera))))
}

fn unknown() -> ApiProblem {
    let detail = "Look at the code again, or ask the director for the link.";
    ApiProblem::new(StatusCode::NOT_FOUND, "code_unknown", "No session has this code", detail)
}
