//! WebSockets: `/ws/director` and `/ws/page`. Anybody may open one and nobody is known by it: the first message
//! carries a ticket. Invariant: no address carries a secret, and a page of another origin opens nothing.

mod conversation;
mod director;
mod page;

use axum::http::StatusCode;
use returnfeed_protocol::{ParticipantId, Role, SocketTicket};

use super::problem::ApiProblem;
use super::routes::{EVERYBODY, Refusal, Routes, Verdict, Who};
use crate::app::App;
use crate::auth::SessionClaims;
use crate::store::SessionRow;

pub(super) fn routes() -> Routes {
    Routes::new().merge(director::route()).merge(page::route())
}

/// Whoever has no ticket.
const NO_TICKET: Who = Who { nobody: TICKET, creator: TICKET, stranger: TICKET, host: TICKET, ..EVERYBODY };

const TICKET: Verdict = Verdict::Refused(Refusal(401, "ticket_invalid"));

/// Of a ticket whose holder or session is gone since it was made.
const TURNED_AWAY: [Refusal; 4] = [
    Refusal(401, "token_invalid"),
    Refusal(403, "logged_out"),
    Refusal(403, "removed"),
    Refusal(404, "session_not_found"),
];

/// Spends the ticket and finds its session.
async fn admit(app: &App, ticket: Option<&SocketTicket>) -> Result<(SessionClaims, SessionRow), ApiProblem> {
    let ticket = ticket.map(SocketTicket::expose).unwrap_or_default();
    let claims = app.tickets.redeem(ticket).ok_or_else(ticket_invalid)?;
    tracing::debug!(session = %claims.session, participant = %claims.participant, "a ticket is redeemed");
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
    let (name, camera, as_of) =
        known.map(|known| (known.name, known.camera, known.updated_at)).unwrap_or_default();
    let (participant, role) = (claims.participant, claims.role);
    Ok(crate::relay::PageIdentity { participant, role, name, camera, as_of })
}

fn ticket_invalid() -> ApiProblem {
    let detail = "The hello of a socket carries a ticket, good once and for 30 seconds: ask for one \
                  (POST /api/tickets). A page or director of before that cannot: load the page again, or update.";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "ticket_invalid", "The ticket is used up or unknown", detail)
}
