//! `GET /api/signin/callback`: back from the provider.
//!
//! Whatever happened, the browser is led to our page, with a word about it in the fragment, which no server logs.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Redirect;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::browser::Browser;
use super::{SIGNIN_UNKNOWN, Waiting, code_of};
use crate::api::routes::{Answer, EVERYBODY, Operation, Routes, get};
use crate::app::App;

/// RFC 6749 4.1.2, and the issuer of RFC 9207.
#[derive(Deserialize)]
struct Told {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

pub(super) fn route() -> Routes {
    get(
        "/api/signin/callback",
        callback,
        Operation::new("Back from the provider", EVERYBODY, Answer::empty(303))
            .query("state", "as it was given")
            .query("code", "where the person signed in")
            .query("error", "where they did not"),
    )
}

async fn callback(
    State(app): State<App>,
    headers: HeaderMap,
    told: Result<Query<Told>, QueryRejection>,
) -> Redirect {
    let outcome = match told {
        Ok(Query(told)) => learn(&app, &headers, told).await,
        Err(_) => Err(SIGNIN_UNKNOWN.1),
    };
    Redirect::to(&match outcome {
        Ok(waiting) => format!("/account/#signin/{waiting}"),
        Err(code) => format!("/account/#refused/{code}"),
    })
}

/// The name under which the identity waits, or the code of what went wrong.
async fn learn(app: &App, headers: &HeaderMap, told: Told) -> Result<String, &'static str> {
    let provider = app.signins.provider().map_err(|_| SIGNIN_UNKNOWN.1)?;
    let asked = told.state.and_then(|state| app.signins.asked.take(&state));
    let browser = Browser::of(headers).ok_or(SIGNIN_UNKNOWN.1)?;
    let asked = asked.filter(|asked| asked.browser.is(&browser)).ok_or(SIGNIN_UNKNOWN.1)?;
    if told.iss.is_some_and(|issuer| issuer != provider.place().issuer()) {
        tracing::warn!("an answer came from another issuer than was asked");
        return Err("provider_not_believed");
    }
    let Some(code) = told.code else {
        // RFC 6749 4.1.2.1: access_denied is a person's choice, the others are between the provider and us.
        let chosen = told.error.as_deref() == Some("access_denied");
        return Err(if chosen { "signin_cancelled" } else { "provider_refused" });
    };
    let identity = provider.identify(code, asked.awaited).await.map_err(|error| {
        tracing::warn!(%error, "a sign-in at the provider failed");
        code_of(&error)
    })?;
    let waiting = Waiting { identity, browser, invite: asked.invite };
    Ok(app.signins.waiting.put(waiting).expose_secret().to_owned())
}
