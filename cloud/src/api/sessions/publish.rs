//! `POST /api/sessions/{id}/publish`: the right to push, and a new run of the director.

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{Epoch, Layer, PublishGrant, Role, SessionId, SrtTarget, StreamId, StreamMode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::api::body::SessionPath;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, DIRECTOR, Operation, Refusal, Routes, post};
use crate::app::App;
use crate::auth::SessionBearer;
use crate::listen::Peer;
use crate::store::{Actor, PublishKey};

/// What SRT may hold a packet for, in ms.
const LATENCY_MS: u16 = 20;

pub(super) fn route() -> Routes {
    post(
        "/api/sessions/{session}/publish",
        publish,
        Operation::new(
            "The right to push, and a new run of the director",
            DIRECTOR,
            Answer::json::<PublishGrant>(201),
        )
        .refuses(&[Refusal(409, "session_ended")]),
    )
}

async fn publish(
    app: axum::extract::State<App>,
    SessionPath(id): SessionPath,
    SessionBearer(claims): SessionBearer,
    peer: Peer,
) -> Result<(StatusCode, Json<PublishGrant>), ApiProblem> {
    if claims.session != id {
        return Err(ApiProblem::session_not_found());
    }
    if claims.role != Role::Director {
        return Err(ApiProblem::not_the_director());
    }
    let director = app.present(&claims).await?;
    let session = app.store.session(id).await?.ok_or_else(ApiProblem::session_not_found)?;
    if session.has_ended() {
        return Err(ApiProblem::session_ended());
    }
    let (key, epoch) = app.store.grant_run(id, app.clock.unix_ms()).await?;
    let by = Actor::Participant { id: director.id, name: director.name };
    app.audit(by, id, "publish.granted", json!({ "epoch": epoch }), peer).await;
    tracing::info!(session = %id, epoch = epoch.0, "a director's run is granted");
    let passphrase = app.passphrase(&session)?;
    Ok((StatusCode::CREATED, Json(grant(id, &passphrase, key, epoch, app.srt_port))))
}

/// What an encoder needs to push with a key.
pub fn grant(
    session: SessionId,
    passphrase: &SecretString,
    key: PublishKey,
    epoch: Epoch,
    port: u16,
) -> PublishGrant {
    let stream_id = |layer| StreamId { mode: StreamMode::Publish, session, layer, key: key.id }.to_string();
    PublishGrant {
        key: key.id,
        epoch,
        expires_at: key.expires_at,
        srt: SrtTarget {
            port,
            passphrase: passphrase.expose_secret().to_owned(),
            stream_id_high: stream_id(Layer::High),
            stream_id_low: stream_id(Layer::Low),
            latency_ms: LATENCY_MS,
        },
    }
}
