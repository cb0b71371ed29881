//! `POST /api/tickets`: the right to open one socket, once, soon.

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use returnfeed_protocol::Ticket;
use secrecy::ExposeSecret as _;

use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Router<App> {
    Router::new().route("/api/tickets", post(issue))
}

async fn issue(
    app: axum::extract::State<App>,
    SessionBearer(claims): SessionBearer,
) -> Result<(StatusCode, Json<Ticket>), ApiProblem> {
    let ticket = app.tickets.issue(claims).ok_or_else(too_many)?;
    Ok((StatusCode::CREATED, Json(Ticket { ticket: ticket.expose_secret().to_owned() })))
}

fn too_many() -> ApiProblem {
    let detail = "Use the tickets that were given, or wait half a minute.";
    ApiProblem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many unused tickets", detail)
        .retry_after(30)
}
