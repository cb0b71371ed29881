//! The bearer token of a request, as an argument of an endpoint.
//!
//! It refuses a request before the endpoint runs: `token_missing`, `token_invalid` or `token_expired`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};

use super::{AccountClaims, SessionClaims, TokenError};
use crate::api::problem::ApiProblem;
use crate::app::App;

/// Someone with an account.
#[derive(Debug, Clone, Copy)]
pub struct AccountBearer(pub AccountClaims);

/// A participant of one session.
#[derive(Debug, Clone, Copy)]
pub struct SessionBearer(pub SessionClaims);

impl FromRequestParts<App> for AccountBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        Ok(Self(app.tokens.read_account(bearer(parts)?).map_err(refused)?))
    }
}

impl FromRequestParts<App> for SessionBearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        Ok(Self(app.tokens.read_session(bearer(parts)?).map_err(refused)?))
    }
}

fn bearer(parts: &Parts) -> Result<&str, ApiProblem> {
    let value = parts.headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(missing()) }
}

fn missing() -> ApiProblem {
    let detail = "Send the header \"Authorization: Bearer <token>\" with the token that login or join gave.";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "token_missing", "No token was sent", detail)
}

fn refused(error: TokenError) -> ApiProblem {
    let (code, title, detail) = match error {
        TokenError::Invalid => {
            ("token_invalid", "The token is not valid here", "Log in or open the link of the session again.")
        }
        TokenError::Expired => {
            ("token_expired", "The token has expired", "Log in or open the link of the session again.")
        }
    };
    ApiProblem::new(StatusCode::UNAUTHORIZED, code, title, detail)
}
