//! `GET /api/shows/{id}`: a show's text, as it was saved.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use returnfeed_protocol::Show;

use super::precondition::listed;
use super::{OWNER, ShowPath, document, refusal};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, get};
use crate::app::App;
use crate::auth::AccountBearer;

pub(super) fn route() -> Routes {
    get(
        "/api/shows/{show}",
        show,
        Operation::new("A show's text, as it was saved", OWNER, Answer::json::<Show>(200))
            .or(Answer::empty(304))
            .refuses(&[super::NOT_FOUND]),
    )
}

async fn show(
    app: axum::extract::State<App>,
    ShowPath(id): ShowPath,
    AccountBearer(claims): AccountBearer,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let (entry, text) = app.store.show(claims.user, id).await?.ok_or_else(refusal::not_found)?;
    let etag = entry.etag.ok_or_else(refusal::not_found)?;
    let known = listed(&headers, &header::IF_NONE_MATCH).unwrap_or_default();
    // The comparison is a weak one (RFC 9110, 13.1.2).
    if known.iter().any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    Ok(document(text, &etag))
}
