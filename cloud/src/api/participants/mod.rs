//! People in a session.

mod join;
mod me;
mod ticket;

use returnfeed_protocol::{JoinResponse, ParticipantId, Role};
use secrecy::ExposeSecret as _;

use crate::api::routes::Routes;
use crate::auth::Tokens;
use crate::store::SessionRow;

pub(super) fn routes() -> Routes {
    Routes::new().merge(join::route()).merge(me::route()).merge(ticket::route())
}

/// A token for a participant, and where it leads.
pub fn joined(tokens: &Tokens, session: &SessionRow, participant: ParticipantId, role: Role) -> JoinResponse {
    let max_layer = session.max_layer(role);
    let (token, expires_at) = tokens.session(session.summary.id, participant, role, max_layer);
    JoinResponse {
        token: token.expose_secret().to_owned(),
        expires_at,
        participant,
        role,
        max_layer,
        session: session.summary.clone(),
    }
}
