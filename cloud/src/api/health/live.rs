//! `GET /healthz`: the process runs.

use axum::Router;
use axum::routing::get;

use crate::app::App;

pub(super) fn route() -> Router<App> {
    Router::new().route("/healthz", get(|| async { "ok" }))
}
