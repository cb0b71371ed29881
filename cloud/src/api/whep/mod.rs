//! WHEP (draft-ietf-wish-whep): a page asks for the picture.
//!
//! A viewer session belongs to the participant who made it; for anybody else it does not exist. Players of other
//! origins may ask too (`cors`), for the token and not the origin says who they are.

pub mod events;
mod fragment;
mod ice;
pub mod ice_servers;
mod join;
mod layer;
mod leave;
mod links;
mod look;
mod options;
mod refusal;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use returnfeed_protocol::{SessionId, ViewerId};

use super::problem::ApiProblem;
use super::routes::{MEMBERS, Refusal, Routes, Verdict, Who};
use crate::app::App;
use crate::auth::SessionClaims;

const VIEWER_NOT_FOUND: Verdict = Verdict::Refused(Refusal(404, "viewer_not_found"));

/// The participant who made the viewer session; in the matrix of routes it is the viewer's.
const ITS_VIEWER: Who =
    Who { camera: VIEWER_NOT_FOUND, director: VIEWER_NOT_FOUND, other_director: VIEWER_NOT_FOUND, ..MEMBERS };

/// Every endpoint of WHEP.
pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(join::route())
        .merge(look::route())
        .merge(ice::route())
        .merge(leave::route())
        .merge(layer::route())
        .merge(events::routes())
        .merge(options::route())
}

/// The viewer session of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ViewerPath {
    session: SessionId,
    viewer: ViewerId,
}

impl FromRequestParts<App> for ViewerPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((session, viewer)) = path.map_err(|_| refusal::viewer_not_found())?;
        match (session.parse(), viewer.parse()) {
            (Ok(session), Ok(viewer)) => Ok(Self { session, viewer }),
            _ => Err(refusal::viewer_not_found()),
        }
    }
}

impl ViewerPath {
    /// Whether the bearer made this viewer session and it still runs.
    fn check(&self, app: &App, claims: &SessionClaims) -> Result<(), ApiProblem> {
        let of = claims.participant;
        let own = claims.session == self.session && app.media.has_viewer(self.session, self.viewer, of);
        if own { Ok(()) } else { Err(refusal::viewer_not_found()) }
    }
}

/// Whether the body is of this kind, parameters aside.
fn content_type_is(headers: &HeaderMap, expected: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}
