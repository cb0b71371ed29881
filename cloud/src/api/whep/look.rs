//! `GET` and `HEAD`: an endpoint and a viewer session have no representation, and say so with a success and nothing
//! in it (draft-ietf-wish-whep 4.1).

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use super::ViewerPath;
use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Router<App> {
    Router::new()
        .route("/whep/{session}", get(endpoint))
        .route("/whep/{session}/{viewer}", get(viewer_session))
}

async fn endpoint(
    SessionPath(session): SessionPath,
    SessionBearer(claims): SessionBearer,
) -> Result<StatusCode, ApiProblem> {
    if claims.session == session { Ok(StatusCode::OK) } else { Err(ApiProblem::session_not_found()) }
}

async fn viewer_session(
    State(app): State<App>,
    path: ViewerPath,
    SessionBearer(claims): SessionBearer,
) -> Result<StatusCode, ApiProblem> {
    path.check(&app, &claims)?;
    Ok(StatusCode::OK)
}
