//! `GET /api/admin/users`: everybody with an account, or those who have a text in their name or e-mail.

use axum::Json;
use axum::extract::{Query, State};
use returnfeed_protocol::HostUser;
use serde::Deserialize;

use super::Host;
use crate::api::accounts::HOSTS;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, Routes, get};
use crate::app::App;

/// Longer than any name or e-mail.
const LONGEST: usize = 254;

#[derive(Deserialize)]
struct Asked {
    who: Option<String>,
}

pub(super) fn route() -> Routes {
    get(
        "/api/admin/users",
        users,
        Operation::new("Everybody with an account", HOSTS, Answer::json::<Vec<HostUser>>(200))
            .query("who", "a part of a name or an e-mail")
            .refuses(&[Refusal(422, "invalid_input")]),
    )
}

async fn users(
    State(app): State<App>,
    _: Host,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<HostUser>>, ApiProblem> {
    let Ok(Query(Asked { who })) = asked else {
        return Err(ApiProblem::invalid("Write the address as ?who=TEXT."));
    };
    let who = who.unwrap_or_default();
    if who.chars().count() > LONGEST || who.contains('\0') {
        return Err(ApiProblem::invalid(format!("The text has at most {LONGEST} characters.")));
    }
    Ok(Json(app.store.accounts_like(who.trim()).await?))
}
