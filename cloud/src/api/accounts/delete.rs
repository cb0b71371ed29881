//! `DELETE /api/account`: the account is gone, with its sessions, shows, logins and invitations.
//!
//! Its sessions end first, for whoever is in them. It refuses the last host, and whoever cannot prove to be the person.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use returnfeed_protocol::{AccountDeletion, SessionPatch, SessionState};
use serde_json::json;

use super::{Caller, cookie, note, proven};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, RequestBody, Routes, delete};
use crate::app::App;
use crate::auth::OwnBearer;
use crate::store::{Changed, Deleted};

pub(super) fn route() -> Routes {
    delete(
        "/api/account",
        delete_account,
        Operation::new("The account is gone, with all that is its own", ACCOUNTS, Answer::empty(204))
            .takes(RequestBody::json::<AccountDeletion>())
            .refuses(&[
                Refusal(403, "https_needed"),
                Refusal(403, "login_too_old"),
                Refusal(403, "password_wrong"),
                Refusal(409, "last_host"),
                Refusal(429, "too_many_attempts"),
                Refusal(503, "server_busy"),
            ]),
    )
}

async fn delete_account(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
    Body(request): Body<AccountDeletion>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), ApiProblem> {
    if app.store.is_last_host(claims.user).await? {
        return Err(last_host());
    }
    let account = proven(&app, claims, &caller, request.password).await?;
    let over = SessionPatch { state: Some(SessionState::Ended), ..SessionPatch::default() };
    for session in app.store.sessions_of(account.id).await?.into_iter().filter(|session| !session.has_ended())
    {
        let id = session.summary.id;
        if let Changed::To(ended) = app.store.change_session(id, &over, app.clock.unix_ms()).await? {
            app.relay.handle_session_changed(&ended).await;
            app.metrics.end_session(id);
        }
    }
    match app.store.delete_account(account.id).await? {
        Deleted::With(sessions) => {
            note(&app, &account, &caller, "account.deleted", json!({ "sessions": sessions.len() })).await;
            tracing::info!(account = %account.id, sessions = sessions.len(), "an account is deleted");
            Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::removed())]))
        }
        Deleted::LastHost => Err(last_host()),
        Deleted::Unknown => Err(ApiProblem::token_invalid()),
    }
}

pub(in crate::api) fn last_host() -> ApiProblem {
    let detail = "Make another account a host first, on the host's page or by: returnfeed-cloud account host --email \
                  SOMEBODY@EXAMPLE.ORG";
    ApiProblem::new(StatusCode::CONFLICT, "last_host", "This is the last host of the server", detail)
}
