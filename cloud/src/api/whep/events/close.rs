//! `DELETE /whep/{session}/{viewer}/events/{stream}`: the player has heard enough.

use axum::extract::State;
use axum::http::StatusCode;

use super::read::StreamPath;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, Routes, delete};
use crate::app::App;

pub(super) fn route() -> Routes {
    delete(
        "/whep/{session}/{viewer}/events/{stream}",
        close,
        Operation::new("The player has heard enough", EVERYBODY, Answer::empty(200))
            .refuses(&[Refusal(404, "event_stream_not_found")]),
    )
}

async fn close(State(app): State<App>, stream: StreamPath) -> StatusCode {
    app.event_streams.remove(&stream.id);
    StatusCode::OK
}
