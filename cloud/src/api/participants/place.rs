//! `POST /api/me/place`: a camera operator's name and camera number.
//!
//! A number that somebody has who is there is never taken from them here: the answer says who, and what may be wished.

use axum::Json;
use axum::http::StatusCode;
use returnfeed_protocol::{CameraNumber, ParticipantPatch, PlaceAnswer, PlaceRequest, Role, Wish};
use returnfeed_tally::{Holder, Verdict, judge};

use super::NAME_LONGEST;
use crate::api::body::{Body, name};
use crate::api::problem::ApiProblem;
use crate::api::routes::{
    Answer, Operation, PARTICIPANTS, Refusal, RequestBody, Routes, Verdict as RouteVerdict, Who, post,
};
use crate::app::App;
use crate::auth::SessionBearer;
use crate::store::Participant;

/// Camera operators of any session: each has a place in their own.
const CAMERA_OPERATORS: Who =
    Who { viewer: NOT_A_CAMERA, director: NOT_A_CAMERA, other_director: NOT_A_CAMERA, ..PARTICIPANTS };
const NOT_A_CAMERA: RouteVerdict = RouteVerdict::Refused(Refusal(403, "not_a_camera"));

pub(super) fn route() -> Routes {
    post(
        "/api/me/place",
        place,
        Operation::new(
            "A camera operator's name and camera number",
            CAMERA_OPERATORS,
            Answer::json::<PlaceAnswer>(200),
        )
        .takes(RequestBody::json::<PlaceRequest>())
        .refuses(&[Refusal(404, "participant_not_found"), Refusal(409, "camera_bound")]),
    )
}

async fn place(
    app: axum::extract::State<App>,
    SessionBearer(claims): SessionBearer,
    Body(request): Body<PlaceRequest>,
) -> Result<Json<PlaceAnswer>, ApiProblem> {
    if claims.role != Role::Camera {
        return Err(not_a_camera());
    }
    let mut me = app.present(&claims).await?;
    if let Some(given) = &request.name {
        let name = Some(name("The name", given, NAME_LONGEST)?);
        let patch = ParticipantPatch { name, ..ParticipantPatch::default() };
        let now = app.clock.unix_ms();
        let renamed = app.store.change_participant(me.session, me.id, &patch, now).await?;
        me = renamed.ok_or_else(ApiProblem::removed)?;
        app.relay.seat(&me);
    }
    let taken_by = match request.camera {
        Some(camera) => choose(&app, &me, camera, request.wish).await?,
        None => Vec::new(),
    };
    let me = app.present(&claims).await?;
    Ok(Json(PlaceAnswer { place: app.relay.place(&me), taken_by }))
}

/// Those who have the number, where nothing was changed about it.
async fn choose(
    app: &App,
    me: &Participant,
    camera: CameraNumber,
    wish: Option<Wish>,
) -> Result<Vec<String>, ApiProblem> {
    if let Some(bound) = super::offered(app, me).await?.filter(|bound| *bound != camera) {
        return Err(bound_to(bound));
    }
    if me.camera == Some(camera) {
        app.relay.settle(me.session, me.id);
        return Ok(Vec::new());
    }
    let connected = app.relay.connected(me.session);
    let holders = app.store.holders(me.session, camera).await?;
    let holders: Vec<Holder> = holders
        .into_iter()
        .filter(|holder| holder.id != me.id)
        .map(|Participant { id, name, .. }| Holder { participant: id, name, here: connected.contains(&id) })
        .collect();
    match judge(wish, &holders) {
        Verdict::Granted(from) => {
            super::hand_over(app, me.session, me.id, camera, &from).await.map(|()| Vec::new())
        }
        Verdict::Taken(names) => Ok(names),
        Verdict::Ask => {
            app.relay.ask(me.session, me.id, camera);
            Ok(Vec::new())
        }
    }
}

fn not_a_camera() -> ApiProblem {
    let detail = "Viewers and directors follow no camera; come by a camera operator's link.";
    ApiProblem::new(
        StatusCode::FORBIDDEN,
        "not_a_camera",
        "Only a camera operator has a camera number",
        detail,
    )
}

fn bound_to(camera: CameraNumber) -> ApiProblem {
    let detail =
        format!("Your link is for camera {camera}. Ask the director to move you, or for another link.");
    ApiProblem::new(StatusCode::CONFLICT, "camera_bound", "Your link is for another camera", detail)
}
