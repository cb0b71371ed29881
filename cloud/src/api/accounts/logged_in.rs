//! A login as it is answered: an access token for ten minutes, and what brings the next one.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use returnfeed_protocol::{LoginResponse, RefreshBy};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{Caller, cookie};
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::RefreshToken;
use crate::random;
use crate::store::{Account, Actor, Entry, Lives, NewLogin};

const DAY_MS: u64 = 86_400_000;

/// A lost answer is asked for again, and a second tab asks at the same time, within ten seconds; a login ends after 30
/// days without use, and after 90 in any case.
pub(super) const LIVES: Lives = Lives { grace: 10_000, idle: 30 * DAY_MS, longest: 90 * DAY_MS };

/// Somebody is logged in.
pub struct LoggedIn {
    body: LoginResponse,
    cookie: Option<SecretString>,
}

impl LoggedIn {
    /// What a page or a program reads.
    pub fn body(&self) -> &LoginResponse {
        &self.body
    }
}

/// A new login of an account; whoever calls this has seen the proof.
///
/// # Errors
/// When the database does not answer.
pub async fn log_in(
    app: &App,
    account: Account,
    caller: &Caller,
    by: RefreshBy,
) -> Result<LoggedIn, ApiProblem> {
    let now = app.clock.unix_ms();
    let login = uuid::Builder::from_unix_timestamp_millis(now, &random::bytes()).into_uuid();
    let RefreshToken { token, hash } = app.refresh_tokens.first(login);
    let new = NewLogin {
        id: login,
        user: account.id,
        refresh_hash: hash,
        expires_at: now.saturating_add(LIVES.idle),
        address: caller.peer.address.to_string(),
        agent: caller.agent.clone(),
    };
    app.store.add_login(&new, now).await?;
    super::note(app, &account, caller, "login", json!({})).await;
    tracing::info!(account = %account.id, "logged in");
    Ok(logged_in(app, account, login, token, by))
}

/// The answer of a login that stands in the database.
pub(super) fn logged_in(
    app: &App,
    account: Account,
    login: Uuid,
    refresh: SecretString,
    by: RefreshBy,
) -> LoggedIn {
    let (token, expires_in) = app.tokens.account(account.id, login);
    let in_body = by == RefreshBy::Body;
    let body = LoginResponse {
        access_token: token.expose_secret().to_owned(),
        expires_in,
        refresh_token: in_body.then(|| refresh.expose_secret().to_owned()),
        account: super::summary(app, account),
    };
    LoggedIn { body, cookie: (!in_body).then_some(refresh) }
}

impl IntoResponse for LoggedIn {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        if let Some(token) = self.cookie {
            response.headers_mut().insert(header::SET_COOKIE, cookie::set(&token, LIVES.idle / 1_000));
        }
        response
    }
}

/// Writes down what an account did.
pub(in crate::api) async fn note(
    app: &App,
    account: &Account,
    caller: &Caller,
    what: &'static str,
    detail: serde_json::Value,
) {
    let actor = Actor::User { id: account.id, name: account.name.clone() };
    let entry = Entry { actor, session: None, what, detail, address: Some(caller.peer.address) };
    app.store.audit(&entry, app.clock.unix_ms()).await;
}
