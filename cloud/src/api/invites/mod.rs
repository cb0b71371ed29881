//! Invitations into a session: made and taken back by whoever directs it, redeemed by `POST /api/join`.

mod create;
mod list;
mod revoke;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use returnfeed_protocol::{Invite, InviteId, InviteState, Role, SessionId};

use super::problem::ApiProblem;
use super::routes::Routes;
use crate::app::App;
use crate::random;
use crate::store::InviteRow;

pub use create::new_invite;

pub(super) fn routes() -> Routes {
    Routes::new().merge(create::route()).merge(list::route()).merge(revoke::route())
}

/// An invitation as whoever directs the session sees it at this moment.
pub fn shown(invite: InviteRow, now: u64) -> Invite {
    let InviteRow { id, role, camera, code, label, max_layer, terms, .. } = invite;
    Invite {
        id,
        role,
        camera,
        label,
        code: random::code_for_people(&code),
        path: path(role, &code),
        max_layer,
        terms,
        state: terms.state(now),
    }
}

/// The page of a role, with the code where no server logs it.
pub fn path(role: Role, code: &str) -> String {
    let page = match role {
        Role::Director | Role::Camera => "camera",
        Role::Viewer => "viewer",
    };
    format!("/{page}/#{code}")
}

/// Why nobody comes in by an invitation; `None` while it is open.
pub fn refusal(state: InviteState) -> Option<ApiProblem> {
    let (code, title, detail) = match state {
        InviteState::Open => return None,
        InviteState::Expired => {
            ("invite_expired", "This invitation has expired", "Ask the director for a new link.")
        }
        InviteState::UsedUp => (
            "invite_used_up",
            "This invitation has been used",
            "As many have come by it as may. Ask the director for a link of your own.",
        ),
        InviteState::Revoked => (
            "invite_revoked",
            "This invitation was taken back",
            "Ask the director whether you are still invited, and for a new link.",
        ),
    };
    Some(ApiProblem::new(StatusCode::GONE, code, title, detail))
}

/// The invitation of an address.
struct InvitePath {
    session: SessionId,
    invite: InviteId,
}

impl FromRequestParts<App> for InvitePath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((session, invite)) = path.map_err(|_| ApiProblem::session_not_found())?;
        let session = session.parse().map_err(|_| ApiProblem::session_not_found())?;
        Ok(Self { session, invite: invite.parse().map_err(|_| not_found())? })
    }
}

fn not_found() -> ApiProblem {
    let detail = "Ask for the session's invitations again; it may be another session's.";
    ApiProblem::new(StatusCode::NOT_FOUND, "invite_not_found", "There is no such invitation", detail)
}
