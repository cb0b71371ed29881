//! How a session's pictures fare: for its director and the host, and for nobody else.

mod open;
mod stream;

use returnfeed_protocol::{Role, SessionId};

use super::problem::ApiProblem;
use super::routes::Routes;
use crate::app::App;
use crate::auth::{AnyBearer, is_host, standing};
use crate::store::SessionRow;

pub(super) fn routes() -> Routes {
    Routes::new().merge(open::route())
}

/// The session, where this bearer may see its network: its director, the account that made it, and the host.
async fn visible(app: &App, id: SessionId, bearer: AnyBearer) -> Result<SessionRow, ApiProblem> {
    let session = app.store.session(id).await?.ok_or_else(ApiProblem::session_not_found)?;
    let may = match bearer {
        AnyBearer::Session(claims) if claims.session != id => false,
        AnyBearer::Session(claims) if claims.role == Role::Director => {
            app.present(&claims).await?;
            true
        }
        AnyBearer::Session(_) => return Err(ApiProblem::not_the_director()),
        AnyBearer::Account(claims) => claims.user == session.created_by || is_host(app, claims).await?,
    };
    if may { Ok(session) } else { Err(ApiProblem::session_not_found()) }
}

/// Whether the bearer may still see it: a login ends, a host is none any more.
async fn still_visible(app: &App, id: SessionId, bearer: AnyBearer) -> Result<(), ApiProblem> {
    if let AnyBearer::Account(claims) = bearer {
        standing(app, claims).await?;
    }
    visible(app, id, bearer).await.map(drop)
}

/// Unix time in ms at which the bearer's right ends.
fn until(bearer: &AnyBearer) -> u64 {
    match bearer {
        AnyBearer::Session(claims) => claims.expires_at,
        AnyBearer::Account(claims) => claims.expires_at,
    }
}
