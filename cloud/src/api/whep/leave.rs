//! `DELETE /whep/{session}/{viewer}`: the page has seen enough.

use axum::extract::State;
use axum::http::StatusCode;

use super::{ITS_VIEWER, ViewerPath, refusal};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, delete};
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Routes {
    delete(
        "/whep/{session}/{viewer}",
        leave,
        Operation::new("The page has seen enough", ITS_VIEWER, Answer::empty(200)),
    )
}

async fn leave(
    State(app): State<App>,
    path: ViewerPath,
    SessionBearer(claims): SessionBearer,
) -> Result<StatusCode, ApiProblem> {
    path.check(&app, &claims)?;
    app.event_streams.remove_all_of(path.viewer);
    if app.media.leave(path.session, path.viewer, claims.participant).await {
        Ok(StatusCode::OK)
    } else {
        Err(refusal::viewer_not_found())
    }
}
