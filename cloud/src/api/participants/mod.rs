//! People in a session: how they come in, what they are called, which camera they follow, and how they are sent out.

mod change;
mod join;
mod list;
mod me;
mod place;
mod remove;
mod swap;
mod takeover;
mod ticket;

use std::collections::BTreeSet;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use returnfeed_protocol::{CameraNumber, JoinResponse, ParticipantId, ParticipantSummary, SessionId};
use secrecy::ExposeSecret as _;

use super::problem::ApiProblem;
use super::routes::Routes;
use crate::app::App;
use crate::auth::Tokens;
use crate::store::{Participant, SessionRow};

const NAME_LONGEST: usize = 60;

pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(join::route())
        .merge(me::route())
        .merge(place::route())
        .merge(ticket::route())
        .merge(list::route())
        .merge(change::route())
        .merge(remove::route())
        .merge(swap::route())
        .merge(takeover::route())
}

/// A token for a participant, and where it leads.
pub fn joined(
    tokens: &Tokens,
    session: &SessionRow,
    who: &Participant,
    offered: Option<CameraNumber>,
) -> JoinResponse {
    let max_layer = session.max_layer(who.role, who.max_layer);
    let (token, expires_at) = tokens.session(session.summary.id, who.id, who.role, max_layer);
    JoinResponse {
        token: token.expose_secret().to_owned(),
        expires_at,
        participant: who.id,
        role: who.role,
        max_layer,
        name: who.name.clone(),
        camera: who.camera,
        offered,
        session: session.summary.clone(),
    }
}

/// The participant of an address.
struct ParticipantPath {
    session: SessionId,
    participant: ParticipantId,
}

impl FromRequestParts<App> for ParticipantPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((session, participant)) = path.map_err(|_| ApiProblem::session_not_found())?;
        let session = session.parse().map_err(|_| ApiProblem::session_not_found())?;
        Ok(Self { session, participant: participant.parse().map_err(|_| not_found())? })
    }
}

/// The camera number that somebody's invitation is for.
async fn offered(app: &App, who: &Participant) -> Result<Option<CameraNumber>, ApiProblem> {
    let Some(invite) = who.invite else { return Ok(None) };
    Ok(app.store.invite(who.session, invite).await?.and_then(|invite| invite.camera))
}

/// Gives somebody a camera number that these others lose; everybody whom it concerns hears of it.
async fn hand_over(
    app: &App,
    session: SessionId,
    to: ParticipantId,
    camera: CameraNumber,
    from: &[ParticipantId],
) -> Result<(), ApiProblem> {
    let changed = app.store.hand_over(session, to, camera, from, app.clock.unix_ms()).await?;
    if changed.is_empty() {
        return Err(not_found());
    }
    app.relay.settle(session, to);
    for who in &changed {
        app.relay.seat(who);
    }
    Ok(())
}

/// A participant as the director sees one.
fn summary(app: &App, connected: &BTreeSet<ParticipantId>, who: Participant) -> ParticipantSummary {
    ParticipantSummary {
        connected: connected.contains(&who.id),
        asks: app.relay.question(who.session, who.id),
        participant: who.id,
        role: who.role,
        name: who.name,
        camera: who.camera,
        joined_at: who.joined_at,
    }
}

fn not_found() -> ApiProblem {
    let detail = "They may have been taken out, or are in another session. Ask for the participants again.";
    ApiProblem::new(StatusCode::NOT_FOUND, "participant_not_found", "There is no such participant", detail)
}
