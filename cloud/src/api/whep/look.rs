//! `GET` and `HEAD`: an endpoint and a viewer session have no representation, and say so with a success and nothing
//! in it (draft-ietf-wish-whep 4.1).

use axum::extract::State;
use axum::http::StatusCode;

use super::{ITS_VIEWER, ViewerPath};
use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, MEMBERS, Operation, Routes, get};
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Routes {
    Routes::new()
        .merge(get(
            "/whep/{session}",
            endpoint,
            Operation::new("Nothing: an endpoint has no representation", MEMBERS, Answer::empty(200)),
        ))
        .merge(get(
            "/whep/{session}/{viewer}",
            viewer_session,
            Operation::new("Nothing: a viewer session has no representation", ITS_VIEWER, Answer::empty(200)),
        ))
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
