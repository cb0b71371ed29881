//! The bearer token of a request, as an argument of an endpoint.
//!
//! It refuses a request before the endpoint runs: `token_missing`, `token_invalid` or `token_expired`.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use tracing::Span;

use super::{AccountClaims, SessionClaims, TokenError};
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::store::Standing;

/// Someone with an account.
#[derive(Debug, Clone, Copy)]
pub struct AccountBearer(pub AccountClaims);

/// Someone with an account, about that account itself: also who has yet to set up the second factor that this server
/// wants of them.
#[derive(Debug, Clone, Copy)]
pub struct OwnBearer(pub AccountClaims);

/// Someone with a host's account.
#[derive(Debug, Clone, Copy)]
pub struct HostBearer(pub AccountClaims);

/// A participant of one session.
#[derive(Debug, Clone, Copy)]
pub struct SessionBearer(pub SessionClaims);

/// A participant of one session, by the token or, where another of our servers sent them here, by the pass in the address.
#[derive(Debug, Clone, Copy)]
pub struct SentBearer {
    /// Who.
    pub claims: SessionClaims,
    /// Whether they were sent.
    pub sent: bool,
}

/// Either of them, for what both may do.
#[derive(Debug, Clone, Copy)]
pub enum AnyBearer {
    /// Someone with an account.
    Account(AccountClaims),
    /// A participant of one session.
    Session(SessionClaims),
}

impl FromRequestParts<App> for AccountBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let claims = app.tokens.read_account(bearer_text(&parts.headers)?)?;
        at_work(app, claims).await?;
        Ok(Self(claims))
    }
}

impl FromRequestParts<App> for OwnBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let claims = app.tokens.read_account(bearer_text(&parts.headers)?)?;
        standing(app, claims).await?;
        Ok(Self(claims))
    }
}

impl FromRequestParts<App> for HostBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let claims = app.tokens.read_account(bearer_text(&parts.headers)?)?;
        let standing = at_work(app, claims).await?;
        match standing.host {
            true if app.second_factor.is_missing(standing) => Err(second_factor_missing()),
            true => Ok(Self(claims)),
            false => Err(not_the_host()),
        }
    }
}

impl FromRequestParts<App> for SessionBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let claims = app.tokens.read_session(bearer_text(&parts.headers)?)?;
        Span::current().record("session", tracing::field::display(claims.session));
        Ok(Self(claims))
    }
}

impl FromRequestParts<App> for SentBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        #[derive(Deserialize)]
        struct Sent {
            pass: String,
        }
        let pass = Query::<Sent>::try_from_uri(&parts.uri).ok();
        let claims = match (parts.headers.contains_key(header::AUTHORIZATION), &pass) {
            (false, Some(Query(Sent { pass }))) => app.tokens.read_pass(pass)?,
            _ => app.tokens.read_session(bearer_text(&parts.headers)?)?,
        };
        Span::current().record("session", tracing::field::display(claims.session));
        Ok(Self { claims, sent: pass.is_some() })
    }
}

impl FromRequestParts<App> for AnyBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let text = bearer_text(&parts.headers)?;
        match app.tokens.read_session(text) {
            Ok(claims) => Ok(Self::Session(claims)),
            Err(TokenError::Invalid) => {
                let claims = app.tokens.read_account(text)?;
                at_work(app, claims).await?;
                Ok(Self::Account(claims))
            }
            Err(TokenError::Expired) => Err(TokenError::Expired.into()),
        }
    }
}

/// The token of a request, as it was sent.
///
/// # Errors
/// When none was sent.
pub fn bearer_text(headers: &HeaderMap) -> Result<&str, ApiProblem> {
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(missing()) }
}

/// How the bearer of an account token stands now: the token says how it was up to ten minutes ago.
///
/// # Errors
/// When the login is over or the account is disabled: the token opens nothing any more.
pub async fn standing(app: &App, claims: AccountClaims) -> Result<Standing, ApiProblem> {
    app.store.standing(claims.user, claims.login).await?.ok_or_else(ApiProblem::token_invalid)
}

/// The same, for whatever is not about the account itself.
async fn at_work(app: &App, claims: AccountClaims) -> Result<Standing, ApiProblem> {
    let standing = standing(app, claims).await?;
    // A host without one is at work still, and no host yet.
    let missing = app.second_factor.is_missing(Standing { host: false, ..standing });
    if missing { Err(second_factor_missing()) } else { Ok(standing) }
}

/// Whether the bearer may do what a host may.
///
/// # Errors
/// When the login is over.
pub async fn is_host(app: &App, claims: AccountClaims) -> Result<bool, ApiProblem> {
    let standing = standing(app, claims).await?;
    Ok(standing.host && !app.second_factor.is_missing(standing))
}

fn second_factor_missing() -> ApiProblem {
    let detail = "Set one up on the page of your account, then come back: this server asks for one. You stay logged in.";
    ApiProblem::new(
        StatusCode::FORBIDDEN,
        "second_factor_missing",
        "Your account has no second factor yet",
        detail,
    )
}

fn not_the_host() -> ApiProblem {
    let detail = "Log in with a host's account, or ask the host of this server.";
    ApiProblem::new(StatusCode::FORBIDDEN, "not_the_host", "Only a host of this server may do this", detail)
}

fn missing() -> ApiProblem {
    let detail = "Send the header \"Authorization: Bearer <token>\" with the token that login or join gave.";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "token_missing", "No token was sent", detail)
}

impl From<TokenError> for ApiProblem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::token_invalid(),
            TokenError::Expired => {
                let detail = "Log in or open the link of the session again.";
                Self::new(StatusCode::UNAUTHORIZED, "token_expired", "The token has expired", detail)
            }
        }
    }
}
