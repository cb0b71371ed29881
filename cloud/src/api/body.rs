//! What a request carries, read once and refused in one shape.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use futures_util::StreamExt as _;
use returnfeed_protocol::SessionId;
use serde::de::DeserializeOwned;

use super::BODY_LIMIT;
use super::problem::ApiProblem;
use crate::app::App;

/// A body that is too large is read on to here, or its sender would find a closed connection in place of the answer.
const READ_ON: usize = 4 * 1024 * 1024;

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
        let _ = app;
        let mut body = request.into_body().into_data_stream();
        let (mut bytes, mut came) = (Vec::new(), 0_usize);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| unreadable(&format!("{error}.")))?;
            came = came.saturating_add(chunk.len());
            if came <= BODY_LIMIT {
                bytes.extend_from_slice(&chunk);
            } else if came > READ_ON {
                break;
            }
        }
        if came > BODY_LIMIT {
            let detail = format!("Send at most {BODY_LIMIT} bytes.");
            let title = "The body is too large";
            return Err(ApiProblem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", title, detail));
        }
        String::from_utf8(bytes).map(Self).map_err(|_| unreadable("It is not UTF-8."))
    }
}

fn unreadable(detail: &str) -> ApiProblem {
    ApiProblem::new(StatusCode::BAD_REQUEST, "body_unreadable", "The body could not be read", detail)
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
    let printed: String = text.chars().filter(|c| !c.is_control()).collect();
    let name = printed.trim().to_owned();
    if name.chars().count() > longest {
        return Err(ApiProblem::invalid(format!("{what} has at most {longest} characters.")));
    }
    Ok(name)
}
