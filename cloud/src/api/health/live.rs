//! `GET /healthz`: the process runs.

use crate::api::routes::{Answer, EVERYBODY, Operation, Routes, get};

pub(super) fn route() -> Routes {
    get(
        "/healthz",
        || async { "ok" },
        Operation::new("The process runs", EVERYBODY, Answer::text(200, "text/plain")),
    )
}
