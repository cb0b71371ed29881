//! `DELETE /whep/{session}/{viewer}/events/{stream}`: the player has heard enough.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::delete;

use super::read::StreamPath;
use crate::app::App;

pub(super) fn route() -> Router<App> {
    Router::new().route("/whep/{session}/{viewer}/events/{stream}", delete(close))
}

async fn close(State(app): State<App>, stream: StreamPath) -> StatusCode {
    app.event_streams.remove(&stream.id);
    StatusCode::OK
}
