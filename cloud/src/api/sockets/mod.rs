//! WebSockets, opened by ticket: `/ws/director` and `/ws/page`.

mod conversation;
mod director;
mod page;

use axum::http::StatusCode;
use returnfeed_protocol::{ParticipantId, Role};
use serde::Deserialize;

use super::problem::ApiProblem;
use super::routes::Routes;
use crate::app::App;
use crate::auth::SessionClaims;
use crate::store::SessionRow;

pub(super) fn routes() -> Routes {
    Routes::new().merge(director::route()).merge(page::route())
}

/// `?ticket=`.
#[derive(Deserialize)]
pub struct TicketQuery {
    #[serde(default)]
    ticket: String,
}

/// Spends the ticket and finds its session.
///
/// # Errors
/// When the ticket opens nothing.
pub async fn admit(app: &App, query: &TicketQuery) -> Result<(SessionClaims, SessionRow), ApiProblem> {
    let claims = app.tickets.redeem(&query.ticket).ok_or_else(ticket_invalid)?;
    tracing::Span::current().record("session", tracing::field::display(claims.session));
    app.present(&claims).await?;
    let session = app.store.session(claims.session).await?.ok_or_else(ApiProblem::session_not_found)?;
    Ok((claims, session))
}

/// Tells the room how the session and the participant stand now: both may have changed between the ticket and the door.
pub async fn refresh(app: &App, session: &SessionRow, who: ParticipantId) {
    if let Ok(Some(now)) = app.store.session(session.summary.id).await {
        app.relay.refresh(&now);
    }
    match app.store.participant(who).await {
        Ok(Some(now)) if now.removed => app.relay.remove(now.session, now.id),
        Ok(Some(now)) => app.relay.seat(&now),
        Ok(None) | Err(_) => {}
    }
}

/// The page's identity, from the database where it answers.
///
/// # Errors
/// When the ticket is a director's.
pub async fn page_identity(
    app: &App,
    claims: &SessionClaims,
) -> Result<crate::relay::PageIdentity, ApiProblem> {
    if claims.role == Role::Director {
        let detail =
            "A director connects to /ws/director; to see what operators see, join by the camera link.";
        return Err(ApiProblem::new(
            StatusCode::FORBIDDEN,
            "wrong_socket",
            "This socket is for pages",
            detail,
        ));
    }
    let known = app.store.participant(claims.participant).await?;
    let (name, camera) = known.map(|known| (known.name, known.camera)).unwrap_or_default();
    Ok(crate::relay::PageIdentity { participant: claims.participant, role: claims.role, name, camera })
}

fn ticket_invalid() -> ApiProblem {
    let detail = "A ticket opens one socket within 30 seconds: ask for a new one (POST /api/tickets).";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "ticket_invalid", "The ticket is used up or unknown", detail)
}
