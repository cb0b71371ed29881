//! `GET /healthz`: the process runs. `GET /readyz`: it can do its work.

mod live;
mod ready;

use axum::Router;

pub use ready::LastCheck;

use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new().merge(live::route()).merge(ready::route())
}
