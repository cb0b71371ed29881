//! `POST /whep/{session}/{viewer}/layer`: another layer, from its next IDR on.

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
use crate::media::SelectRefusal;

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
    // What the session allows now, not when the viewer joined.
    let layer = wish.encoding_id;
    if layer > app.receiving(&claims).await?.max_layer {
        return Err(SelectRefusal::Forbidden(layer).into());
    }
    app.media.select_layer(path.session, path.viewer, claims.participant, layer).await?;
    Ok(StatusCode::NO_CONTENT)
}
