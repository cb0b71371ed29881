//! Shows: the directors' documents, kept for every machine of an account.
//!
//! A show goes in and out as its text, byte for byte; what changes one is conditional on where it stands (RFC 9110, 13).

mod create;
mod delete;
mod list;
mod precondition;
mod refusal;
mod save;
mod show;
mod text;
mod versions;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use returnfeed_protocol::{ShowEntry, ShowId, UserId};
use serde::Deserialize;

use super::body::name;
use super::problem::ApiProblem;
use super::routes::{ACCOUNTS, Refusal, Routes, Verdict, Who};
use crate::app::App;
use crate::store::{Actor, Entry, ShowChanged};

pub(super) fn routes() -> Routes {
    Routes::new()
        .merge(list::route())
        .merge(create::route())
        .merge(show::route())
        .merge(save::route())
        .merge(delete::route())
        .merge(versions::routes())
}

const NOT_FOUND: Refusal = Refusal(404, "show_not_found");

/// The account whose show it is; for others it is not there.
const OWNER: Who =
    Who { stranger: Verdict::Refused(NOT_FOUND), host: Verdict::Refused(NOT_FOUND), ..ACCOUNTS };

/// What a machine may call itself.
const MACHINE_LONGEST: usize = 80;

/// The show of an address.
#[derive(Debug, Clone, Copy)]
struct ShowPath(ShowId);

/// A version of a show of an address.
#[derive(Debug, Clone, Copy)]
struct VersionPath(ShowId, u64);

/// `?machine=`.
#[derive(Debug)]
struct Machine(String);

#[derive(Deserialize)]
struct MachineQuery {
    #[serde(default)]
    machine: String,
}

const MACHINE: (&str, &str) =
    ("machine", "What the machine calls itself that saves, shown beside the version");

impl FromRequestParts<App> for Machine {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiProblem> {
        let query = Query::<MachineQuery>::try_from_uri(&parts.uri);
        let Query(query) = query.map_err(|_| ApiProblem::invalid("The machine's name must be UTF-8."))?;
        name("The machine's name", &query.machine, MACHINE_LONGEST).map(Self)
    }
}

impl FromRequestParts<App> for ShowPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let id = Path::<String>::from_request_parts(parts, app).await.ok();
        id.and_then(|Path(id)| id.parse().ok()).map(Self).ok_or_else(refusal::not_found)
    }
}

impl FromRequestParts<App> for VersionPath {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiProblem> {
        let read = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((id, version)) = read.map_err(|_| refusal::not_found())?;
        let id = id.parse().map_err(|_| refusal::not_found())?;
        Ok(Self(id, version.parse().map_err(|_| refusal::version_not_found())?))
    }
}

/// What became of a change, as an answer.
fn changed(changed: ShowChanged, done: StatusCode) -> Result<Response, ApiProblem> {
    match changed {
        ShowChanged::To(entry) => Ok(entered(done, entry)),
        ShowChanged::No(stands) => Err(refusal::changed(stands.as_ref())),
        ShowChanged::Unknown => Err(refusal::not_found()),
        ShowChanged::TooMany => Err(refusal::too_many()),
    }
}

fn entered(status: StatusCode, entry: ShowEntry) -> Response {
    let etag = entry.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok());
    let mut response = (status, Json(entry)).into_response();
    if let Some(etag) = etag {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// A text as it was saved.
fn document(text: String, etag: &str) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::ETAG, etag)];
    (headers, text).into_response()
}

/// Writes down what cannot be undone by the next save.
async fn audit(
    app: &App,
    user: UserId,
    what: &'static str,
    id: ShowId,
    version: u64,
) -> Result<(), ApiProblem> {
    let name = app.store.account(user).await?.map(|account| account.name).unwrap_or_default();
    let detail = serde_json::json!({ "show": id, "version": version });
    let actor = Actor::User { id: user, name };
    let entry = Entry { actor, session: None, what, detail, address: None };
    app.store.audit(&entry, app.clock.unix_ms()).await;
    Ok(())
}
