//! `GET /readyz`: the server can do its work, which is to say that its database can be written.
//!
//! Anybody may ask, so the disk is asked at most once a second.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use tokio::sync::Mutex;

use crate::api::problem::ApiProblem;
use crate::app::App;

const HOLDS: Duration = Duration::from_secs(1);

/// When the database was last found writable.
#[derive(Default)]
pub struct LastCheck {
    good: Mutex<Option<Instant>>,
}

pub(super) fn route() -> Router<App> {
    Router::new().route("/readyz", get(ready))
}

async fn ready(app: axum::extract::State<App>) -> Result<&'static str, ApiProblem> {
    let mut good = app.last_check.good.lock().await;
    if good.is_none_or(|at| at.elapsed() >= HOLDS) {
        *good = None;
        app.store.check(app.clock.unix_ms()).await?;
        *good = Some(Instant::now());
    }
    Ok("ok")
}
