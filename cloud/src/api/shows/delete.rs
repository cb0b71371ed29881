//! `DELETE /api/shows/{id}`: its versions stay, so that it can be restored.

use axum::http::StatusCode;
use axum::response::Response;
use returnfeed_protocol::ShowEntry;

use super::precondition::Only;
use super::{OWNER, ShowPath, audit, refusal};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, delete};
use crate::app::App;
use crate::auth::AccountBearer;
use crate::store::ShowChanged;

pub(super) fn route() -> Routes {
    delete(
        "/api/shows/{show}",
        remove,
        Operation::new(
            "A show is deleted; its versions can be restored",
            OWNER,
            Answer::json::<ShowEntry>(200),
        )
        .refuses(&refusal::OF_A_CHANGE),
    )
}

async fn remove(
    app: axum::extract::State<App>,
    ShowPath(id): ShowPath,
    AccountBearer(claims): AccountBearer,
    only: Result<Only, ApiProblem>,
) -> Result<Response, ApiProblem> {
    if app.store.show_is_of_another(claims.user, id).await? {
        return Err(refusal::not_found());
    }
    let Only(only) = only?;
    let deleted = app.store.delete_show(claims.user, id, &only, app.clock.unix_ms()).await?;
    if let ShowChanged::To(entry) = &deleted {
        audit(&app, claims.user, "show.deleted", id, entry.version).await?;
    }
    super::changed(deleted, StatusCode::OK)
}
