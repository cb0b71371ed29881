//! `POST /api/shows/{id}/versions/{version}/restore`: an earlier text becomes the next version; with `If-None-Match: *`
//! also of a deleted show.

use axum::http::StatusCode;
use axum::response::Response;
use returnfeed_protocol::ShowEntry;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, Routes, post};
use crate::api::shows::precondition::Only;
use crate::api::shows::{MACHINE, Machine, OWNER, VersionPath, audit, changed, refusal};
use crate::app::App;
use crate::auth::AccountBearer;
use crate::store::ShowChanged;

pub(super) fn route() -> Routes {
    post(
        "/api/shows/{show}/versions/{version}/restore",
        restore,
        Operation::new("An earlier version becomes the next one", OWNER, Answer::json::<ShowEntry>(200))
            .query(MACHINE.0, MACHINE.1)
            .refuses(&refusal::OF_A_CHANGE)
            .refuses(&[
                Refusal(404, "version_not_found"),
                Refusal(409, "too_many_shows"),
                Refusal(422, "invalid_input"),
            ]),
    )
}

async fn restore(
    app: axum::extract::State<App>,
    VersionPath(id, version): VersionPath,
    AccountBearer(claims): AccountBearer,
    machine: Result<Machine, ApiProblem>,
    only: Result<Only, ApiProblem>,
) -> Result<Response, ApiProblem> {
    if app.store.show_history(claims.user, id).await?.is_none() {
        return Err(refusal::not_found());
    }
    let Only(only) = only?;
    let Machine(machine) = machine?;
    let from = (version, &*machine);
    match app.store.restore_show(claims.user, id, from, &only, app.clock.unix_ms()).await? {
        // The show is there, so it is the version that is not.
        ShowChanged::Unknown => Err(refusal::version_not_found()),
        restored => {
            if let ShowChanged::To(entry) = &restored {
                audit(&app, claims.user, "show.restored", id, entry.version).await?;
            }
            changed(restored, StatusCode::OK)
        }
    }
}
