//! `GET /readyz`: the server can do its work: it takes newcomers, and its database can be written.
//!
//! Anybody may ask, so the disk is asked at most once a second.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, Routes, get};
use crate::app::App;

const HOLDS: Duration = Duration::from_secs(1);

/// When the database was last found writable.
#[derive(Default)]
pub struct LastCheck {
    good: Mutex<Option<Instant>>,
}

pub(super) fn route() -> Routes {
    get(
        "/readyz",
        ready,
        Operation::new(
            "It takes newcomers, and the database can be written",
            EVERYBODY,
            Answer::text(200, "text/plain"),
        )
        .refuses(&[Refusal(503, "server_stopping")]),
    )
}

async fn ready(app: axum::extract::State<App>) -> Result<&'static str, ApiProblem> {
    app.doors.admit(Instant::now())?;
    let mut good = app.last_check.good.lock().await;
    if good.is_none_or(|at| at.elapsed() >= HOLDS) {
        *good = None;
        app.store.check(app.clock.unix_ms()).await?;
        *good = Some(Instant::now());
    }
    Ok("ok")
}
