//! `GET /api/shows/{id}/versions/{version}`: the text of one version, which never changes.

use axum::response::Response;
use returnfeed_protocol::Show;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, Routes, get};
use crate::api::shows::{NOT_FOUND, OWNER, VersionPath, document, refusal};
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/shows/{show}/versions/{version}",
        show,
        Operation::new("The text of one version", OWNER, Answer::json::<Show>(200))
            .refuses(&[NOT_FOUND, Refusal(404, "version_not_found")]),
    )
}

async fn show(
    app: axum::extract::State<App>,
    VersionPath(id, version): VersionPath,
    AccountBearer(claims): AccountBearer,
) -> Result<Response, ApiProblem> {
    match app.store.show_version(claims.user, id, version).await? {
        Some((past, text)) => Ok(document(text, &past.digest.etag(version))),
        None if app.store.show_history(claims.user, id).await?.is_some() => Err(refusal::version_not_found()),
        None => Err(refusal::not_found()),
    }
}
