//! `POST /whep/{session}/{viewer}/layer`: another layer, from its next IDR on. Who has no right to it keeps the one
//! there is, and is told so by its reason.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use returnfeed_protocol::LayerRequest;

use super::ViewerPath;
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Router<App> {
    Router::new().route("/whep/{session}/{viewer}/layer", post(layer))
}

async fn layer(
    State(app): State<App>,
    path: ViewerPath,
    SessionBearer(claims): SessionBearer,
    Body(wish): Body<LayerRequest>,
) -> Result<StatusCode, ApiProblem> {
    path.check(&app, &claims)?;
    app.media.select_layer(path.session, path.viewer, claims.participant, wish.encoding_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
