//! What a request carries, read once and refused in one shape.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use returnfeed_protocol::SessionId;
use serde::de::DeserializeOwned;

use super::problem::ApiProblem;
use crate::app::App;

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A body of text.
#[derive(Debug)]
pub struct Text(pub String);

/// The session of an address.
#[derive(Debug, Clone, Copy)]
pub struct SessionPath(pub SessionId);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiProblem> {
        let read = axum::Json::<T>::from_request(request, app).await;
        read.map(|axum::Json(body)| Self(body)).map_err(|rejection| {
            let (code, title) = match &rejection {
                JsonRejection::JsonDataError(error) => {
                    return ApiProblem::invalid(format!("The JSON does not fit: {}.", error.body_text()));
                }
                JsonRejection::JsonSyntaxError(_) => ("json_invalid", "The body is not JSON"),
                JsonRejection::MissingJsonContentType(_) => {
                    ("content_type_wrong", "The body must be application/json")
                }
                _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                    ("body_too_large", "The body is too large")
                }
                _ => ("body_unreadable", "The body could not be read"),
            };
            ApiProblem::new(rejection.status(), code, title, format!("{}.", rejection.body_text()))
        })
    }
}

impl FromRequest<App> for Text {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiProblem> {
        String::from_request(request, app).await.map(Self).map_err(|rejection| {
            let (code, title) = match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The body is too large"),
                _ => ("body_unreadable", "The body could not be read"),
            };
            ApiProblem::new(rejection.status(), code, title, format!("{}.", rejection.body_text()))
        })
    }
}

impl FromRequestParts<App> for SessionPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let Path(id) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiProblem::session_not_found())?;
        id.parse().map(Self).map_err(|_| ApiProblem::session_not_found())
    }
}

/// A name for other people to read: trimmed, without control characters, of at most `longest` characters.
///
/// # Errors
/// Says which field is too long.
pub fn name(what: &str, text: &str, longest: usize) -> Result<String, ApiProblem> {
    let name: String = text.trim().chars().filter(|c| !c.is_control()).collect();
    if name.chars().count() > longest {
        return Err(ApiProblem::invalid(format!("{what} has at most {longest} characters.")));
    }
    Ok(name)
}
