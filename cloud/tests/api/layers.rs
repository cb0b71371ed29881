//! Which layer whom is given: every role, every arrival, every wish, over HTTP, with real encoders, as a player is
//! told it when its first picture goes out.

use reqwest::StatusCode;
use returnfeed_protocol::{
    JoinResponse, Layer, LayerReason, SessionCreated, SessionPatch, SessionState, ViewerId,
};
use serde_json::json;

use crate::cloud::{Cloud, Session, read, refused};
use crate::picture::{Encoder, ask, until};
use crate::player::Player;
use crate::whep_events::Events;
use Layer::{High, Low};
use LayerReason::{Absent, Chosen, Role, Starting};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Who {
    Director,
    Camera,
    /// By the public link, where it allows high.
    AllowedViewer,
    /// By the public link.
    Viewer,
}

/// The layer that a player is told to have, and the reason, once it has one.
async fn told(events: &mut Events) -> (String, String) {
    loop {
        let layers = events.find("layers").await;
        let selected = layers["1"].as_array().unwrap().iter().find(|layer| layer["selected"] == true);
        if let Some(layer) = selected {
            let text = |name: &str| layer[name].as_str().unwrap().to_owned();
            return (text("rid"), text("reason"));
        }
    }
}

/// What this one is given of what arrives, and why.
fn expected(who: Who, arrives: &[Layer], wish: Option<Layer>) -> Option<(Layer, LayerReason)> {
    let has = |layer| arrives.contains(&layer);
    match (who, wish) {
        (Who::Viewer, _) if has(Low) => Some((Low, Role)),
        (Who::Viewer, _) => None,
        (_, Some(Low)) if has(Low) => Some((Low, Chosen)),
        (_, Some(Low)) => Some((High, Absent)),
        _ if has(High) => Some((High, Starting)),
        _ => Some((Low, Absent)),
    }
}

async fn allow(session: &Session, layer: Layer) {
    let patch = SessionPatch {
        state: Some(SessionState::Live),
        public_layer: Some(layer),
        ..SessionPatch::default()
    };
    read::<SessionCreated>(session.patch(&session.owner, &patch).await, StatusCode::OK).await;
}

async fn as_who(session: &Session, who: Who) -> JoinResponse {
    allow(session, if who == Who::AllowedViewer { High } else { Low }).await;
    match who {
        Who::Director => session.director().await,
        Who::Camera => session.camera("Ada").await,
        Who::AllowedViewer | Who::Viewer => session.viewer().await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_is_given_what_it_may_have_of_what_arrives_whatever_it_asks_for() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    allow(&session, Low).await;
    let director = session.director().await;
    let media = cloud.server.app().media.clone();
    for arrives in [&[High, Low][..], &[High], &[Low]] {
        let grant = session.grant(&director).await;
        let push = |layer: &Layer| match layer {
            High => Encoder::push(&grant, &grant.srt.stream_id_high, &[]),
            Low => Encoder::push(&grant, &grant.srt.stream_id_low, &[]),
        };
        let encoders: Vec<Encoder> = arrives.iter().map(push).collect();
        until("the layers arrive", async || media.picture(session.id()).layers == arrives).await;
        for who in [Who::Director, Who::Camera, Who::AllowedViewer, Who::Viewer] {
            let token = as_who(&session, who).await.token;
            for wish in [None, Some(High), Some(Low)] {
                let query = wish.map(|layer| format!("?layer={layer}")).unwrap_or_default();
                let (player, offer) = Player::offering().await;
                let answer = ask(&cloud.client, &session, &token, &query, offer).await;
                let case = format!("{who:?} wishes {wish:?} of {arrives:?}");
                let Some(expected) = expected(who, arrives, wish) else {
                    refused(answer, 409, "layer_absent").await;
                    continue;
                };
                assert_eq!(answer.status(), StatusCode::CREATED, "{case}");
                let location = answer.headers()["location"].to_str().unwrap().to_owned();
                let viewer: ViewerId = location.rsplit('/').next().unwrap().parse().unwrap();
                let mut events = Events::open(&cloud.client, &location, &token, &json!(["layers"])).await;
                let now = player.play_during(&answer.text().await.unwrap(), told(&mut events)).await;
                assert_eq!(json!(now), json!(expected), "{case}");

                // Asking for more while watching gives no more either.
                let (path, wished) = (format!("{location}/layer"), json!({ "encodingId": "high" }));
                let selected = cloud.client.post(&path, Some(&token), &wished).await;
                if who == Who::Viewer || arrives.contains(&High) {
                    assert_eq!(selected.status(), StatusCode::OK, "{case}");
                } else {
                    refused(selected, 409, "layer_absent").await;
                }
                let all = media.quality(session.id()).await;
                let now = all.into_iter().find(|one| one.viewer == viewer).unwrap();
                assert_eq!(now.best, if who == Who::Viewer { Low } else { High }, "{case}");
                assert_eq!(now.reason == Role, who == Who::Viewer, "{case}");
                let leave = cloud.client.request(reqwest::Method::DELETE, &location, Some(&token));
                assert_eq!(leave.send().await.unwrap().status(), StatusCode::OK);
            }
        }
        drop(encoders);
        until("nothing arrives", async || media.picture(session.id()).layers.is_empty()).await;
    }
}
