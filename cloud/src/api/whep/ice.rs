//! `PATCH /whep/{session}/{viewer}`: trickle ICE and ICE restarts (draft-ietf-wish-whep 4.4).
//!
//! The server is ICE-lite and learns its viewers' addresses from their own checks, so there is nothing to do with a
//! candidate but to say so; other credentials than the offer's begin ICE anew, while media goes on.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{ITS_VIEWER, ViewerPath, content_type_is, fragment, refusal};
use crate::api::body::Text;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, RequestBody, Routes, patch};
use crate::app::App;
use crate::auth::SessionBearer;
use crate::media::{IceAnswer, IceSession, IceUpdate};

/// The media type of an SDP fragment.
pub(super) const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

pub(super) fn route() -> Routes {
    patch(
        "/whep/{session}/{viewer}",
        ice,
        Operation::new("Trickle ICE, or ICE anew", ITS_VIEWER, Answer::empty(204))
            .or(Answer::text(200, FRAGMENT))
            .takes(RequestBody::text(FRAGMENT))
            .refuses(&refusal::OF_A_FRAGMENT),
    )
}

async fn ice(
    State(app): State<App>,
    path: ViewerPath,
    SessionBearer(claims): SessionBearer,
    headers: HeaderMap,
    Text(body): Text,
) -> Result<Response, ApiProblem> {
    path.check(&app, &claims)?;
    if !content_type_is(&headers, FRAGMENT) {
        return Err(refusal::content_type(FRAGMENT));
    }
    let session = if_match(&headers).ok_or_else(refusal::if_match_missing)?;
    let update = IceUpdate { session, credentials: fragment::read(&body)? };
    match app.media.update_ice(path.session, path.viewer, claims.participant, update).await? {
        IceAnswer::GoesOn => Ok(StatusCode::NO_CONTENT.into_response()),
        IceAnswer::Restarted { fragment, etag } => {
            let headers = [(header::CONTENT_TYPE, FRAGMENT.to_owned()), (header::ETAG, etag)];
            Ok((StatusCode::OK, headers, fragment).into_response())
        }
    }
}

/// What `If-Match` says (RFC 9110 13.1.1), if it is there.
fn if_match(headers: &HeaderMap) -> Option<IceSession> {
    let values = headers.get_all(header::IF_MATCH).iter().filter_map(|value| value.to_str().ok());
    let tags: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    match tags.as_slice() {
        [] => None,
        tags if tags.contains(&"*") => Some(IceSession::Any),
        tags => Some(IceSession::Tagged(tags.iter().map(|tag| (*tag).to_owned()).collect())),
    }
}
