//! `DELETE /whep/{session}/{viewer}`: the page has seen enough.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::delete;

use super::{ViewerPath, refusal};
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Router<App> {
    Router::new().route("/whep/{session}/{viewer}", delete(leave))
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
