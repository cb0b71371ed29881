//! `POST /whep/{session}/{viewer}/events`: a new event stream, of the kinds that the body lists, or of all.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::{EventKind, Subscription};
use crate::api::body::Text;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::api::whep::{ITS_VIEWER, ViewerPath, links, refusal};
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Routes {
    post(
        "/whep/{session}/{viewer}/events",
        open,
        Operation::new("A new event stream of a viewer session", ITS_VIEWER, Answer::empty(201))
            .takes(RequestBody::json::<Vec<String>>().optional())
            .refuses(&[Refusal(409, "too_many_event_streams"), Refusal(422, "event_unknown")]),
    )
}

async fn open(
    State(app): State<App>,
    path: ViewerPath,
    SessionBearer(claims): SessionBearer,
    Text(body): Text,
) -> Result<impl IntoResponse, ApiProblem> {
    path.check(&app, &claims)?;
    let subscription = Subscription { path, claims, kinds: kinds(&body)? };
    let is_there = |path: &ViewerPath| app.media.video_line(path.session, path.viewer).is_some();
    let id = app.event_streams.add(subscription, is_there).ok_or_else(refusal::too_many_event_streams)?;
    let location = format!("{}/events/{id}", links::viewer_session(path.session, path.viewer));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)]))
}

fn kinds(body: &str) -> Result<Vec<EventKind>, ApiProblem> {
    if body.trim().is_empty() {
        return Ok(EventKind::ALL.to_vec());
    }
    let names: Vec<String> = serde_json::from_str(body).map_err(|_| {
        ApiProblem::invalid("Send a JSON array with the names of the events, or nothing for all of them.")
    })?;
    names.iter().map(|name| EventKind::parse(name).ok_or_else(|| refusal::event_unknown(name))).collect()
}
