//! `POST /api/sessions`: a new session with its two codes and its passphrase.

use std::time::Instant;

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{CreateSession, Layer, SessionCreated, SessionId, SessionState, UserId};
use secrecy::SecretString;

use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::AccountBearer;
use crate::random;
use crate::sealing::Sealer;
use crate::store::NewSession;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions",
        create,
        Operation::new("A new session", ACCOUNTS, Answer::json::<SessionCreated>(201))
            .takes(RequestBody::json::<CreateSession>())
            .refuses(&[Refusal(503, "server_stopping")]),
    )
}

async fn create(
    app: axum::extract::State<App>,
    AccountBearer(claims): AccountBearer,
    Body(request): Body<CreateSession>,
) -> Result<(StatusCode, Json<SessionCreated>), ApiProblem> {
    app.doors.admit(Instant::now())?;
    let now = app.clock.unix_ms();
    if app.store.account(claims.user).await?.is_none() {
        return Err(ApiProblem::token_invalid());
    }
    let session = new_session(&app.sealer, &request, claims.user, SessionState::Open, now)?;
    app.store.add_session(&session, now).await?;
    tracing::info!(session = %session.id, "a session is made");
    let made = app.store.session(session.id).await?.ok_or_else(ApiProblem::internal)?;
    Ok((StatusCode::CREATED, Json(super::as_created(made))))
}

/// A session that is not there yet, with codes and a passphrase that nobody can guess.
///
/// # Errors
/// Says which field is wrong.
pub fn new_session(
    sealer: &Sealer,
    request: &CreateSession,
    created_by: UserId,
    state: SessionState,
    now: u64,
) -> Result<NewSession, ApiProblem> {
    let id = SessionId::from_parts(now, random::bytes());
    Ok(NewSession {
        id,
        name: super::session_name(&request.name)?,
        created_by,
        state,
        public_layer: request.public_layer.unwrap_or(Layer::Low),
        camera_code: random::code(),
        viewer_code: random::code(),
        passphrase: sealer.seal(id, &new_passphrase()),
    })
}

/// A passphrase of SRT that nobody can guess: 192 bits.
pub fn new_passphrase() -> SecretString {
    random::text::<24>().into()
}
