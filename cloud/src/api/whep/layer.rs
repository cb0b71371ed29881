//! `POST /whep/{session}/{viewer}/layer`: another layer, from its next IDR on, or the server's own choice again
//! (draft-ietf-wish-whep, extension `layer`). Who has no right to it keeps the one there is, and is told so by its
//! reason.

use axum::extract::State;
use axum::http::StatusCode;
use returnfeed_protocol::{Layer, LayerRequest};

use super::{ITS_VIEWER, ViewerPath, refusal};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::SessionBearer;

pub(super) fn route() -> Routes {
    post(
        "/whep/{session}/{viewer}/layer",
        layer,
        Operation::new("Another layer, or the server's own choice again", ITS_VIEWER, Answer::empty(200))
            .takes(RequestBody::json::<LayerRequest>())
            .refuses(&[
                Refusal(409, "layer_absent"),
                Refusal(422, "layer_unknown"),
                Refusal(422, "media_unknown"),
            ]),
    )
}

async fn layer(
    State(app): State<App>,
    path: ViewerPath,
    SessionBearer(claims): SessionBearer,
    Body(wish): Body<LayerRequest>,
) -> Result<StatusCode, ApiProblem> {
    path.check(&app, &claims)?;
    let is_video =
        |id: &str| app.media.video_line(path.session, path.viewer).is_some_and(|n| n.to_string() == id);
    if wish.media_id.is_some_and(|id| !is_video(&id)) {
        return Err(refusal::media_unknown());
    }
    let Some(rid) = wish.rid else {
        app.media.unselect_layer(path.session, path.viewer, claims.participant).await?;
        return Ok(StatusCode::OK);
    };
    let layer: Layer = rid.parse().map_err(|unknown| refusal::layer_unknown(&unknown))?;
    app.media.select_layer(path.session, path.viewer, claims.participant, layer).await?;
    Ok(StatusCode::OK)
}
