//! `POST /api/signin/provider`: sends somebody to the provider.
//!
//! It answers the address in place of redirecting: only a page of ours can read it, so nobody else's page can begin
//! a sign-in in somebody's browser. An invitation stays here, and does not travel to the provider and back.

use std::time::Instant;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use returnfeed_protocol::{SignInAddress, SignInBegin};

use super::browser::Browser;
use super::{Asked, Invite, NO_PROVIDER, code_of};
use crate::api::body::Body;
use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Refusal, RequestBody, Routes, post};
use crate::app::App;
use crate::auth::hash_of;
use crate::listen::Peer;

const UNREACHABLE: Refusal = Refusal(503, "provider_unreachable");

pub(super) fn route() -> Routes {
    post(
        "/api/signin/provider",
        begin,
        Operation::new(
            "Where to go to sign in at the provider",
            EVERYBODY,
            Answer::json::<SignInAddress>(200),
        )
        .takes(RequestBody::json::<SignInBegin>())
        .refuses(&[NO_PROVIDER, UNREACHABLE, Refusal(429, "too_many_attempts")]),
    )
}

async fn begin(
    app: axum::extract::State<App>,
    peer: Peer,
    headers: HeaderMap,
    Body(request): Body<SignInBegin>,
) -> Result<Response, ApiProblem> {
    let provider = app.signins.provider()?;
    app.throttles.sign_ins.attempt(peer.throttled(), Instant::now())?;
    let question = provider.ask().await.map_err(|error| {
        tracing::warn!(%error, code = code_of(&error), "nobody can sign in at the provider");
        let name = provider.place().name();
        let detail = format!(
            "Try again in a few seconds, or sign in with e-mail and password. {name} does not answer."
        );
        ApiProblem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            UNREACHABLE.1,
            "The provider cannot be reached",
            detail,
        )
        .retry_after(5)
    })?;
    let invite = request.invite.map(|token| Invite(hash_of(token.as_bytes())));
    let (browser, cookie) = Browser::of_or_new(&headers);
    app.signins.asked.put_as(question.state, Asked { awaited: question.awaited, browser, invite });
    let answer = Json(SignInAddress { address: question.address.into() });
    Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
}
