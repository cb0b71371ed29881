//! HTTP: one endpoint, one file, each with the same parts: what it is, its route, the handler, its rules.
//!
//! `docs/protocol.md` is the table of contents. Invariant: whatever a request is refused for, it gets one shape of
//! answer, made in `problem`.

pub mod accounts;
mod admin;
pub mod body;
pub mod credentials;
pub mod events;
pub mod health;
pub mod invites;
mod keys;
mod openapi;
pub mod participants;
pub mod problem;
pub mod quality;
pub mod routes;
pub mod sessions;
mod shows;
pub mod signin;
pub mod sockets;
pub mod whep;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};

use self::problem::ApiProblem;
use self::routes::Routes;
use crate::app::App;

/// The largest body that any endpoint takes: an SDP offer with room to spare.
const BODY_LIMIT: usize = 64 * 1024;

/// Every endpoint, with what is told of it.
pub fn routes() -> Routes {
    Routes::new()
        .merge(accounts::routes())
        .merge(signin::routes())
        .merge(admin::routes())
        .merge(sessions::routes())
        .merge(participants::routes())
        .merge(invites::routes())
        .merge(credentials::routes())
        .merge(sockets::routes())
        .merge(events::routes())
        .merge(health::routes())
        .merge(whep::routes())
        .merge(quality::routes())
        .merge(shows::routes())
        .merge(keys::routes())
        .merge(openapi::routes())
}

/// What answers.
pub fn router() -> Router<App> {
    routes()
        .into_router()
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

async fn no_such_route(uri: Uri) -> ApiProblem {
    let detail = format!("{} is not an address of this server; see its documentation.", shown(uri.path()));
    ApiProblem::new(StatusCode::NOT_FOUND, "no_such_route", "There is nothing at this address", detail)
}

async fn method_not_allowed(method: Method, uri: Uri) -> ApiProblem {
    let detail = format!("{method} is not something that can be done to {}.", shown(uri.path()));
    ApiProblem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This cannot be done here", detail)
}

fn shown(path: &str) -> String {
    path.chars().take(80).collect()
}
