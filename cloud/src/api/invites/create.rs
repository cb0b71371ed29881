//! `POST /api/sessions/{id}/invites`: an invitation, by the session's creator or its director.

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{CreateInvite, Invite, InviteId, InviteTerms, Role, SessionId};
use serde_json::json;

use crate::api::body::{Body, SessionPath, name};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR_OR_DIRECTOR, Operation, Refusal, RequestBody, Routes, post};
use crate::api::sessions::directed;
use crate::app::App;
use crate::auth::AnyBearer;
use crate::listen::Peer;
use crate::random;
use crate::store::InviteRow;

const LABEL_LONGEST: usize = 80;
/// Longer than any production; what is meant for ever says nothing.
const VALID_LONGEST_MS: u64 = 366 * 24 * 3_600_000;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/invites",
        create,
        Operation::new("An invitation into a session", CREATOR_OR_DIRECTOR, Answer::json::<Invite>(201))
            .takes(RequestBody::json::<CreateInvite>())
            .example(json!({ "role": "camera" }))
            .refuses(&[Refusal(409, "session_ended"), Refusal(409, "too_many_invites")]),
    )
}

async fn create(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    bearer: AnyBearer,
    peer: Peer,
    Body(request): Body<CreateInvite>,
) -> Result<(StatusCode, Json<Invite>), ApiProblem> {
    let (session, by) = directed(&app, id, bearer).await?;
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let now = app.clock.unix_ms();
    let invite = new_invite(id, &request, now)?;
    if !app.store.add_invite(&invite, session.created_by, now).await? {
        return Err(too_many());
    }
    let detail = json!({ "invite": invite.id, "role": invite.role, "camera": invite.camera });
    app.audit(by, id, "invite.created", detail, peer).await;
    tracing::info!(session = %id, invite = %invite.id, role = %invite.role, "an invitation is made");
    Ok((StatusCode::CREATED, Json(super::shown(invite, now))))
}

/// An invitation that is not there yet, with a code that nobody can guess.
///
/// # Errors
/// Says which field is wrong.
pub fn new_invite(session: SessionId, request: &CreateInvite, now: u64) -> Result<InviteRow, ApiProblem> {
    if request.role == Role::Director {
        return Err(ApiProblem::invalid("A director signs in; invite camera operators and viewers."));
    }
    if request.camera.is_some() && request.role != Role::Camera {
        return Err(ApiProblem::invalid("Only a camera operator has a camera number."));
    }
    if request.max_uses == Some(0) {
        return Err(ApiProblem::invalid("max_uses is at least 1, or absent."));
    }
    if request.valid_for_ms.is_some_and(|ms| ms == 0 || ms > VALID_LONGEST_MS) {
        return Err(ApiProblem::invalid("valid_for_ms is more than 0 and at most a year, or absent."));
    }
    Ok(InviteRow {
        id: InviteId::from_parts(now, random::bytes()),
        session,
        role: request.role,
        camera: request.camera,
        code: random::code(),
        label: name("The label", request.label.as_deref().unwrap_or_default(), LABEL_LONGEST)?,
        max_layer: request.max_layer,
        terms: InviteTerms {
            uses: 0,
            max_uses: request.max_uses,
            expires_at: request.valid_for_ms.map(|ms| now.saturating_add(ms)),
            revoked_at: None,
        },
    })
}

fn too_many() -> ApiProblem {
    let detail =
        "One invitation serves any number of people: use those that there are, or make a new session.";
    ApiProblem::new(
        StatusCode::CONFLICT,
        "too_many_invites",
        "The session has as many invitations as it may",
        detail,
    )
}
