//! `POST /whep/{session}`: an offer in, an answer and a viewer session out.

use std::time::{Duration, Instant};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use returnfeed_protocol::Layer;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::ice::FRAGMENT;
use super::{content_type_is, links, refusal};
use crate::api::body::{SessionPath, Text};
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, MEMBERS, Operation, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::SentBearer;
use crate::listen::Peer;
use crate::media::{JoinViewer, ViewerAnswer};
use crate::nodes::Way;

const SDP: &str = "application/sdp";

#[derive(Deserialize)]
struct Wish {
    layer: Option<String>,
}

pub(super) fn route() -> Routes {
    post(
        "/whep/{session}",
        join,
        Operation::new("An offer in, an answer and a viewer session out", MEMBERS, Answer::text(201, SDP))
            .takes(RequestBody::text(SDP))
            .or(Answer::empty(307))
            .query("layer", "The layer to begin with: high or low")
            .query(
                "pass",
                "What another server of ours put there when it sent the player here, in place of a token",
            )
            .refuses(&refusal::OF_AN_OFFER),
    )
}

async fn join(
    State(app): State<App>,
    SessionPath(session): SessionPath,
    SentBearer { claims, sent }: SentBearer,
    peer: Peer,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
    Text(offer): Text,
) -> Result<Response, ApiProblem> {
    if claims.session != session {
        return Err(ApiProblem::session_not_found());
    }
    if !content_type_is(&headers, SDP) {
        return Err(refusal::content_type(SDP));
    }
    let layer: Option<Layer> = match wish.layer.as_deref().map(str::parse) {
        None => None,
        Some(Ok(layer)) => Some(layer),
        Some(Err(error)) => return Err(ApiProblem::invalid(format!("{error}."))),
    };
    app.throttles.whep.attempt(peer.throttled(), Instant::now())?;
    let max_layer = app.receiving(&claims).await?.max_layer;
    if let Way::There(url) = app.nodes.way(session) {
        let pass = app.tokens.pass(&claims);
        let location = links::elsewhere(&url, session, pass.expose_secret(), layer);
        return Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response());
    }
    app.doors.admit(Instant::now())?;
    app.nodes.fetch(session).await;
    let viewer = JoinViewer {
        session,
        participant: claims.participant,
        role: claims.role,
        layer,
        max_layer,
        address: peer.throttled(),
        until: Instant::now() + Duration::from_millis(claims.expires_at.saturating_sub(app.clock.unix_ms())),
        offer,
    };
    let ViewerAnswer { viewer, answer, etag } = app.media.join(viewer).await?;
    // The session may have changed meanwhile, and its change did not see this viewer yet.
    match app.receiving(&claims).await {
        Ok(now) if now.max_layer == max_layer => {}
        Ok(now) => app.media.set_best(session, claims.participant, now.max_layer).await,
        Err(refusal) => {
            app.media.leave(session, viewer, claims.participant).await;
            return Err(refusal);
        }
    }
    // Whoever was sent may take a relative address for one of the server that sent them.
    let base = if sent { app.nodes.own_url() } else { "" };
    let location = format!("{base}{}", links::viewer_session(session, viewer));
    let ice_servers = app.ice_servers.links(claims.participant, app.clock.unix_ms());
    let links = links::extensions(&location).into_iter().chain(ice_servers);
    let links = AppendHeaders(links.map(|link| (header::LINK, link)));
    let headers = [
        (header::CONTENT_TYPE.as_str(), SDP.to_owned()),
        (header::LOCATION.as_str(), location),
        (header::ETAG.as_str(), etag),
        ("accept-patch", FRAGMENT.to_owned()),
        (header::CACHE_CONTROL.as_str(), "no-store".to_owned()),
    ];
    Ok((StatusCode::CREATED, headers, links, answer).into_response())
}
