//! `POST /api/tickets`: the right to open one socket, once, soon.

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{SocketTicket, Ticket};
use secrecy::ExposeSecret as _;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, PARTICIPANTS, Refusal, Routes, post};
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Routes {
    post(
        "/api/tickets",
        issue,
        Operation::new("The right to open one socket, once, soon", PARTICIPANTS, Answer::json::<Ticket>(201))
            .refuses(&[Refusal(429, "too_many_attempts")]),
    )
}

async fn issue(
    app: axum::extract::State<App>,
    SessionBearer(claims): SessionBearer,
) -> Result<(StatusCode, Json<Ticket>), ApiProblem> {
    app.present(&claims).await?;
    let ticket = app.tickets.issue(claims).ok_or_else(too_many)?;
    Ok((StatusCode::CREATED, Json(Ticket { ticket: SocketTicket::new(ticket.expose_secret()) })))
}

fn too_many() -> ApiProblem {
    let detail = "Use the tickets that were given, or wait half a minute.";
    ApiProblem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many unused tickets", detail)
        .retry_after(30)
}
