//! What the host of this server sees and does: people, sessions, figures and the audit.
//!
//! It refuses everybody else. Invariant: whatever is changed here stands in the audit.

mod audit;
mod change_user;
mod end_session;
mod logout_user;
mod now;
mod reset_second_factor;
mod users;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use returnfeed_protocol::{SessionId, UserId};
use serde_json::Value;

use super::problem::ApiProblem;
use super::routes::{Refusal, Routes};
use crate::app::App;
use crate::auth::HostBearer;
use crate::listen::Peer;
use crate::store::{Account, Actor, Entry};

const USER_NOT_FOUND: Refusal = Refusal(404, "user_not_found");

/// The host, at the other end of a request.
struct Host {
    account: Account,
    peer: Peer,
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(users::route())
        .merge(change_user::route())
        .merge(logout_user::route())
        .merge(reset_second_factor::route())
        .merge(now::route())
        .merge(end_session::route())
        .merge(audit::route())
}

impl FromRequestParts<App> for Host {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let HostBearer(claims) = HostBearer::from_request_parts(parts, app).await?;
        let peer = Peer::from_request_parts(parts, app).await?;
        let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
        Ok(Self { account, peer })
    }
}

impl Host {
    /// Writes down what the host did.
    async fn did(&self, app: &App, what: &'static str, session: Option<SessionId>, detail: Value) {
        let actor = Actor::User { id: self.account.id, name: self.account.name.clone() };
        let entry = Entry { actor, session, what, detail, address: Some(self.peer.address) };
        app.store.audit(&entry, app.clock.unix_ms()).await;
    }
}

/// The account that a path names.
async fn account_of(app: &App, Path(user): Path<String>) -> Result<Account, ApiProblem> {
    let user: UserId = user.parse().map_err(|_| user_not_found())?;
    app.store.account(user).await?.ok_or_else(user_not_found)
}

fn user_not_found() -> ApiProblem {
    let detail =
        "Look at the list again. A host's account is shut by nobody, and one that is shut is made no host's.";
    ApiProblem::new(StatusCode::NOT_FOUND, USER_NOT_FOUND.1, "There is no such account", detail)
}
