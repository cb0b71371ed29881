//! `OPTIONS`: what a player may do, for players of other origins (Fetch 4.8, draft-ietf-wish-whep 4.2).

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::options;

use super::ice::FRAGMENT;
use crate::app::App;

pub(super) fn route() -> Router<App> {
    Router::new()
        .route("/whep/{session}", options(of_session))
        .route("/whep/{session}/{viewer}", options(of_viewer))
        .route("/whep/{session}/{viewer}/layer", options(of_extension))
        .route("/whep/{session}/{viewer}/events", options(of_extension))
        .route("/whep/{session}/{viewer}/events/{stream}", options(of_stream))
}

async fn of_session() -> impl IntoResponse {
    allow("GET, HEAD, POST, OPTIONS", "application/sdp")
}

async fn of_viewer() -> impl IntoResponse {
    allow("GET, HEAD, PATCH, DELETE, OPTIONS", "application/sdp")
}

async fn of_extension() -> impl IntoResponse {
    allow("POST, OPTIONS", "application/json")
}

async fn of_stream() -> impl IntoResponse {
    allow("GET, HEAD, DELETE, OPTIONS", "application/json")
}

fn allow(methods: &'static str, accept_post: &'static str) -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, If-Match"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
        (header::HeaderName::from_static("accept-post"), accept_post),
        (header::HeaderName::from_static("accept-patch"), FRAGMENT),
    ];
    (StatusCode::OK, headers)
}
