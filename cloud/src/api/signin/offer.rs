//! `GET /api/signin`: how one becomes somebody on this server. Asked by the sign-in page before it draws.

use axum::Json;
use returnfeed_protocol::{Registration, SignInOffer, SignInProvider};

use crate::api::problem::ApiProblem;
use crate::api::routes::{Answer, EVERYBODY, Operation, Routes, get};
use crate::app::App;
use crate::config;

pub(super) fn route() -> Routes {
    get(
        "/api/signin",
        offer,
        Operation::new("How one becomes somebody here", EVERYBODY, Answer::json::<SignInOffer>(200)),
    )
}

async fn offer(app: axum::extract::State<App>) -> Result<Json<SignInOffer>, ApiProblem> {
    let set_up = !app.store.has_no_account().await?;
    let place = app.signins.provider.as_ref().map(|provider| provider.place());
    let provider =
        place.map(|place| SignInProvider { name: place.name(), origin: place.origin().to_owned() });
    Ok(Json(SignInOffer { set_up, registration: as_told(app.registration), provider }))
}

/// The setting, in the words of the wire.
pub(super) fn as_told(registration: config::Registration) -> Registration {
    match registration {
        config::Registration::Closed => Registration::Closed,
        config::Registration::Invite => Registration::Invite,
        config::Registration::Open => Registration::Open,
    }
}
