//! `POST /api/signin/desktop`: lends this login to the desktop program that asks by a challenge (RFC 7636, S256).
//!
//! The page that the program opened in the system's browser asks for it once its person has said yes, and leads the
//! browser to the program's port on 127.0.0.1 (RFC 8252 7.3).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{DesktopCode, DesktopRequest};
use secrecy::ExposeSecret as _;

use super::Lent;
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::AccountBearer;

/// SHA-256 in base64url (RFC 7636 4.2).
const CHALLENGE: usize = 43;

pub(super) fn route() -> Routes {
    post(
        "/api/signin/desktop",
        lend,
        Operation::new(
            "A code by which the desktop gets a login",
            ACCOUNTS,
            Answer::json::<DesktopCode>(201),
        )
        .takes(RequestBody::json::<DesktopRequest>()),
    )
}

async fn lend(
    State(app): State<App>,
    AccountBearer(claims): AccountBearer,
    Body(request): Body<DesktopRequest>,
) -> Result<(StatusCode, Json<DesktopCode>), ApiProblem> {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if request.challenge.len() != CHALLENGE || !request.challenge.bytes().all(is_letter) {
        return Err(ApiProblem::invalid("The challenge is a SHA-256 in base64url: 43 characters."));
    }
    let code = app.signins.lent.put(Lent { user: claims.user, challenge: request.challenge });
    Ok((StatusCode::CREATED, Json(DesktopCode { code: code.expose_secret().to_owned() })))
}
