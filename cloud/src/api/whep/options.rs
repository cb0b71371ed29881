//! `OPTIONS`: what a player may do, for players of other origins (Fetch 4.8, draft-ietf-wish-whep 4.2).

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::ice::FRAGMENT;
use crate::api::routes::{Answer, EVERYBODY, Operation, Routes, options};

pub(super) fn route() -> Routes {
    Routes::new()
        .merge(options("/whep/{session}", of_session, told()))
        .merge(options("/whep/{session}/{viewer}", of_viewer, told()))
        .merge(options("/whep/{session}/{viewer}/layer", of_extension, told()))
        .merge(options("/whep/{session}/{viewer}/events", of_extension, told()))
        .merge(options("/whep/{session}/{viewer}/events/{stream}", of_stream, told()))
}

fn told() -> Operation {
    Operation::new("What a player may do here", EVERYBODY, Answer::empty(200))
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
