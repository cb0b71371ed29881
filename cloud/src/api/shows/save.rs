//! `PUT /api/shows/{id}`: the next version of a show, or the first of one that its maker has named.

use axum::http::StatusCode;
use axum::response::Response;
use returnfeed_protocol::{Show, ShowEntry};
use serde_json::json;

use super::precondition::Only;
use super::text::ShowBody;
use super::{MACHINE, Machine, OWNER, ShowPath, refusal};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, RequestBody, Routes, put};
use crate::app::App;
use crate::auth::AccountBearer;
use crate::store::{ShowChanged, ShowText};

pub(super) fn route() -> Routes {
    put(
        "/api/shows/{show}",
        save,
        Operation::new(
            "The next version of a show; with If-None-Match: * a new one",
            OWNER,
            Answer::json::<ShowEntry>(200),
        )
        .or(Answer::json::<ShowEntry>(201))
        .takes(RequestBody::json::<Show>())
        .example(json!({ "returnfeed_show": 1, "name": "Sunday" }))
        .query(MACHINE.0, MACHINE.1)
        .refuses(&refusal::OF_A_CHANGE)
        .refuses(&[Refusal(409, "too_many_shows")]),
    )
}

async fn save(
    app: axum::extract::State<App>,
    ShowPath(id): ShowPath,
    AccountBearer(claims): AccountBearer,
    machine: Result<Machine, ApiProblem>,
    only: Result<Only, ApiProblem>,
    ShowBody(text): ShowBody,
) -> Result<Response, ApiProblem> {
    if app.store.show_is_of_another(claims.user, id).await? {
        return Err(refusal::not_found());
    }
    let Only(only) = only?;
    if app.store.account(claims.user).await?.is_none() {
        return Err(ApiProblem::token_invalid());
    }
    let Machine(machine) = machine?;
    let text = ShowText { machine, ..text };
    let saved = app.store.save_show(claims.user, id, &text, &only, app.clock.unix_ms()).await?;
    let status = match &saved {
        ShowChanged::To(entry) if entry.version == 1 => StatusCode::CREATED,
        ShowChanged::To(_) | ShowChanged::No(_) | ShowChanged::Unknown | ShowChanged::TooMany => {
            StatusCode::OK
        }
    };
    super::changed(saved, status)
}
