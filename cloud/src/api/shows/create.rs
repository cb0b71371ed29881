//! `POST /api/shows`: a new show that the server names. A machine that syncs names its shows itself (`PUT`), so that
//! making one twice makes it once.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use returnfeed_protocol::{Show, ShowEntry, ShowId};
use serde_json::json;

use super::text::ShowBody;
use super::{MACHINE, Machine};
use crate::api::problem::ApiProblem;
use crate::api::routes::{ACCOUNTS, Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::AccountBearer;
use crate::random;
use crate::store::{Precondition, ShowText};

pub(super) fn route() -> Routes {
    post(
        "/api/shows",
        create,
        Operation::new("A new show", ACCOUNTS, Answer::json::<ShowEntry>(201))
            .takes(RequestBody::json::<Show>())
            .example(json!({ "returnfeed_show": 1, "name": "Sunday" }))
            .query(MACHINE.0, MACHINE.1)
            .refuses(&[Refusal(409, "too_many_shows"), super::NOT_FOUND, Refusal(412, "show_changed")]),
    )
}

async fn create(
    app: axum::extract::State<App>,
    AccountBearer(claims): AccountBearer,
    Machine(machine): Machine,
    ShowBody(text): ShowBody,
) -> Result<Response, ApiProblem> {
    if app.store.account(claims.user).await?.is_none() {
        return Err(ApiProblem::token_invalid());
    }
    let now = app.clock.unix_ms();
    let id = ShowId::from_parts(now, random::bytes());
    let text = ShowText { machine, ..text };
    let saved = app.store.save_show(claims.user, id, &text, &Precondition::Absent, now).await?;
    let mut response = super::changed(saved, StatusCode::CREATED)?;
    if let Ok(location) = HeaderValue::from_str(&format!("/api/shows/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    tracing::info!(show = %id, "a show is made");
    Ok(response)
}
