//! `GET /.well-known/jwks.json`: by what our tokens are verified, for a director's program that lets operators in while
//! this server is away.

use axum::Json;
use axum::extract::State;
use returnfeed_protocol::PublicKeys;

use super::routes::{Answer, EVERYBODY, Operation, Routes, get};
use crate::app::App;

pub(super) fn routes() -> Routes {
    let what = "The public keys of this server's tokens (RFC 7517)";
    get("/.well-known/jwks.json", show, Operation::new(what, EVERYBODY, Answer::json::<PublicKeys>(200)))
}

async fn show(app: State<App>) -> Json<PublicKeys> {
    Json(app.tokens.public_keys())
}
