//! `PATCH /whep/{session}/{viewer}`: candidates of the viewer. The server is ICE-lite and learns its viewers'
//! addresses from their own checks, so there is nothing to do with them but to say so.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::patch;

use super::{ViewerPath, content_type_is, refusal};
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::SessionBearer;

const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

pub(super) fn route() -> Router<App> {
    Router::new().route("/whep/{session}/{viewer}", patch(trickle))
}

async fn trickle(
    State(app): State<App>,
    path: ViewerPath,
    SessionBearer(claims): SessionBearer,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    path.check(&app, &claims)?;
    if !content_type_is(&headers, FRAGMENT) {
        return Err(refusal::content_type(FRAGMENT));
    }
    let Some(expected) = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) else {
        let detail = "Send If-Match with the ETag that the viewer session was made with.";
        return Err(ApiProblem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "if_match_missing",
            "The request does not say which ICE session it is for",
            detail,
        ));
    };
    let etag = format!("\"{}\"", path.viewer);
    if !expected.split(',').map(str::trim).any(|tag| tag == "*" || tag == etag) {
        let detail = "The ICE session is another one now. Ask for the picture again.";
        return Err(ApiProblem::new(
            StatusCode::PRECONDITION_FAILED,
            "if_match_wrong",
            "The request is for another ICE session",
            detail,
        ));
    }
    Ok(StatusCode::NO_CONTENT)
}
