//! `POST /api/logout`: this login is over. `POST /api/logout-everywhere`: every login of the account is.
//!
//! Their access tokens open nothing from then on, their refresh tokens bring nothing, and what they direct is closed.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::{Caller, cookie, note};
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, Routes, post};
use crate::app::App;
use crate::auth::OwnBearer;
use crate::store::Which;

type Over = (StatusCode, [(HeaderName, HeaderValue); 1]);

pub(super) fn routes() -> Routes {
    let here = Operation::new("This login is over, and what it directs", ACCOUNTS, Answer::empty(204));
    let everywhere = Operation::new(
        "Every login of the account is over, and what it directs",
        ACCOUNTS,
        Answer::empty(204),
    );
    let in_the_clear = [Refusal(403, "https_needed")];
    post("/api/logout", logout, here.refuses(&in_the_clear)).merge(post(
        "/api/logout-everywhere",
        logout_everywhere,
        everywhere.refuses(&in_the_clear),
    ))
}

async fn logout(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
) -> Result<Over, ApiProblem> {
    let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let ended = app.store.end_logins(account.id, Which::One(claims.login), app.clock.unix_ms()).await?;
    app.close_lent(&ended);
    note(&app, &account, &caller, "logout", json!({})).await;
    Ok(over())
}

async fn logout_everywhere(
    State(app): State<App>,
    OwnBearer(claims): OwnBearer,
    caller: Caller,
) -> Result<Over, ApiProblem> {
    let account = app.store.account(claims.user).await?.ok_or_else(ApiProblem::token_invalid)?;
    let ended = app.store.end_logins(account.id, Which::All, app.clock.unix_ms()).await?;
    app.close_lent(&ended);
    note(&app, &account, &caller, "logout.everywhere", json!({ "logins": ended.logins })).await;
    Ok(over())
}

fn over() -> Over {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::removed())])
}
