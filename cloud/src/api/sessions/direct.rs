//! `POST /api/sessions/{id}/direct`: the creator becomes the session's director.

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{JoinResponse, ParticipantId, Role};

use crate::api::body::SessionPath;
use crate::api::participants::joined;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, CREATOR, Operation, Refusal, Routes, post};
use crate::app::App;
use crate::auth::AccountBearer;
use crate::random;
use crate::store::Participant;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/direct",
        direct,
        Operation::new(
            "The creator becomes the session's director",
            CREATOR,
            Answer::json::<JoinResponse>(201),
        )
        .refuses(&[Refusal(409, "session_ended")]),
    )
}

async fn direct(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    AccountBearer(claims): AccountBearer,
) -> Result<(StatusCode, Json<JoinResponse>), ApiProblem> {
    let session = super::own(&app, id, &claims).await?;
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let now = app.clock.unix_ms();
    let fresh = ParticipantId::from_parts(now, random::bytes());
    let director = Participant::new(fresh, id, Role::Director, account.name, now);
    let participant = app.store.add_member(&director, claims.user, Some(claims.login), now).await?;
    let director = Participant { id: participant, ..director };
    tracing::info!(session = %id, %participant, "a director's token is given");
    Ok((StatusCode::CREATED, Json(joined(&app.tokens, &session, &director, None))))
}
