//! `GET /api/admin/users`: everybody with an account.

use axum::Json;
use axum::extract::State;
use returnfeed_protocol::HostUser;

use super::Host;
use crate::api::accounts::HOSTS;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Routes, get};
use crate::app::App;

pub(super) fn route() -> Routes {
    get(
        "/api/admin/users",
        users,
        Operation::new("Everybody with an account", HOSTS, Answer::json::<Vec<HostUser>>(200)),
    )
}

async fn users(State(app): State<App>, _: Host) -> Result<Json<Vec<HostUser>>, ApiProblem> {
    Ok(Json(app.store.every_account().await?))
}
