//! `GET /api/openapi.json`: every endpoint of this server, itself included.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use bytes::Bytes;

use super::routes::{Answer, EVERYBODY, Operation, Routes, get};

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| super::routes().document().to_string().into());

pub(super) fn routes() -> Routes {
    let document = Answer::text(200, "application/json");
    get("/api/openapi.json", show, Operation::new("Every endpoint of this server", EVERYBODY, document))
}

async fn show() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone())
}
