//! Sessions, and the right to push into one.

mod change;
mod create;
mod direct;
mod list;
mod publish;
mod show;
mod stream;

use returnfeed_protocol::{Role, SessionCreated, SessionId};

use super::body::name;
use super::problem::ApiProblem;
use super::routes::Routes;
use crate::app::App;
use crate::auth::{AccountClaims, AnyBearer};
use crate::random;
use crate::store::{Actor, SessionRow};

pub use create::{new_passphrase, new_session};
pub use publish::grant;

const NAME_LONGEST: usize = 120;

pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(create::route())
        .merge(list::route())
        .merge(show::route())
        .merge(change::route())
        .merge(direct::route())
        .merge(publish::route())
        .merge(stream::route())
}

/// A session as its creator sees it.
pub fn as_created(session: SessionRow) -> SessionCreated {
    SessionCreated {
        session: session.summary,
        camera_code: random::code_for_people(&session.camera_code),
        viewer_code: random::code_for_people(&session.viewer_code),
        public_layer: session.public_layer,
    }
}

/// A session's name as it is kept.
fn session_name(text: &str) -> Result<String, ApiProblem> {
    let name = name("The name", text, NAME_LONGEST)?;
    if name.is_empty() { Err(ApiProblem::invalid("The name must not be empty.")) } else { Ok(name) }
}

/// The session, for whoever directs it: the account that made it, or its director; and who that is.
pub(super) async fn directed(
    app: &App,
    id: SessionId,
    bearer: AnyBearer,
) -> Result<(SessionRow, Actor), ApiProblem> {
    let session = app.store.session(id).await?.ok_or_else(ApiProblem::session_not_found)?;
    match bearer {
        AnyBearer::Account(claims) if claims.user == session.created_by => {
            let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
            Ok((session, Actor::User { id: account.id, name: account.name }))
        }
        AnyBearer::Session(claims) if claims.session == id && claims.role == Role::Director => {
            let director = app.present(&claims).await?;
            Ok((session, Actor::Participant { id: director.id, name: director.name }))
        }
        AnyBearer::Session(claims) if claims.session == id => Err(ApiProblem::not_the_director()),
        AnyBearer::Account(_) | AnyBearer::Session(_) => Err(ApiProblem::session_not_found()),
    }
}

/// The session, where it is this account's own; another's is not found, as if it were not there.
async fn own(app: &App, id: SessionId, claims: &AccountClaims) -> Result<SessionRow, ApiProblem> {
    let session = app.store.session(id).await?.filter(|session| session.created_by == claims.user);
    session.ok_or_else(ApiProblem::session_not_found)
}
