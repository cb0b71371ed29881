//! `GET /api/admin/audit`: who did what, when, from where; newest first, a hundred at a time.

use axum::Json;
use axum::extract::{Query, State};
use returnfeed_protocol::AuditEntry;
use serde::Deserialize;

use super::Host;
use crate::api::accounts::HOSTS;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, Routes, get};
use crate::app::App;
use crate::store::AuditFilter;

/// Longer than any word, name or id that stands there.
const LONGEST: usize = 120;

#[derive(Deserialize)]
struct Asked {
    before: Option<String>,
    what: Option<String>,
    who: Option<String>,
}

pub(super) fn route() -> Routes {
    get(
        "/api/admin/audit",
        audit,
        Operation::new("Who did what, when, from where", HOSTS, Answer::json::<Vec<AuditEntry>>(200))
            .query("before", "the id of the entry that the answer goes on behind")
            .query("what", "this word, or the words that begin with it and a dot")
            .query("who", "a part of a name")
            .refuses(&[Refusal(422, "invalid_input")]),
    )
}

async fn audit(
    State(app): State<App>,
    _: Host,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<AuditEntry>>, ApiProblem> {
    let Ok(Query(Asked { before, what, who })) = asked else {
        return Err(ApiProblem::invalid("Write the address as ?before=ID&what=WORD&who=NAME."));
    };
    let usable = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = AuditFilter { before: usable(before), what: usable(what), who: usable(who) };
    let all = [&filter.before, &filter.what, &filter.who];
    if all.into_iter().flatten().any(|text| text.chars().count() > LONGEST || text.contains('\0')) {
        return Err(ApiProblem::invalid(format!("Each part has at most {LONGEST} characters.")));
    }
    Ok(Json(app.store.audit_search(&filter).await?))
}
