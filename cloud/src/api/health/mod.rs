//! `GET /healthz`: the process runs. `GET /readyz`: it can do its work.

mod live;
mod ready;

pub use ready::LastCheck;

use crate::api::routes::Routes;

pub(super) fn routes() -> Routes {
    Routes::new().merge(live::route()).merge(ready::route())
}
