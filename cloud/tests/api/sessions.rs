//! Sessions and the right to push.

use reqwest::{Method, StatusCode};
use returnfeed_protocol::{
    CloudToPage, Layer, SessionCreated, SessionPatch, SessionState, StreamGrant, StreamId,
};
use serde_json::json;

use crate::cloud::{Cloud, read, refused};

fn state(state: SessionState) -> SessionPatch {
    SessionPatch { state: Some(state), ..SessionPatch::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_its_creators_alone() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    assert_eq!(session.created.session.state, SessionState::Open);
    assert_eq!((session.created.session.name.as_str(), session.created.public_layer), ("Sunday", Layer::Low));

    let list = cloud.client.get("/api/sessions", Some(&session.owner)).await;
    let list: Vec<SessionCreated> = read(list, StatusCode::OK).await;
    assert_eq!(list.iter().map(|each| each.session.id).collect::<Vec<_>>(), [session.id()]);
    let shown: SessionCreated =
        read(cloud.client.get(&session.path(""), Some(&session.owner)).await, StatusCode::OK).await;
    assert_eq!(shown.camera_code, session.created.camera_code);

    let bob = cloud.account("bob@example.org").await;
    let list = cloud.client.get("/api/sessions", Some(&bob)).await;
    assert!(read::<Vec<SessionCreated>>(list, StatusCode::OK).await.is_empty());
    refused(cloud.client.get(&session.path(""), Some(&bob)).await, 404, "session_not_found").await;
    refused(session.patch(&bob, &state(SessionState::Live)).await, 404, "session_not_found").await;
    let direct = cloud.client.post(&session.path("/direct"), Some(&bob), &json!({})).await;
    refused(direct, 404, "session_not_found").await;
    let nonsense = cloud.client.get("/api/sessions/nonsense", Some(&session.owner)).await;
    refused(nonsense, 404, "session_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_a_name_or_with_a_long_one_is_refused_by_field() {
    let cloud = Cloud::start().await;
    let ada = cloud.account("ada@example.org").await;
    for name in ["", "  \u{7} ", &"x".repeat(121)] {
        let refusal = cloud.client.post("/api/sessions", Some(&ada), &json!({ "name": name })).await;
        let problem = refused(refusal, 422, "invalid_input").await;
        assert!(problem.detail.contains("name"), "{}", problem.detail);
    }
    let wrong =
        cloud.client.post("/api/sessions", Some(&ada), &json!({ "name": "x", "public_layer": "4k" })).await;
    refused(wrong, 422, "invalid_input").await;
    refused(cloud.client.post("/api/sessions", None, &json!({ "name": "x" })).await, 401, "token_missing")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_director_changes_the_session_and_a_camera_does_not() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (director, camera) = (session.director().await, session.camera("").await);
    let patch = SessionPatch {
        state: Some(SessionState::Live),
        public_layer: Some(Layer::High),
        ..SessionPatch::default()
    };
    let changed: SessionCreated = read(session.patch(&director.token, &patch).await, StatusCode::OK).await;
    assert_eq!((changed.session.state, changed.public_layer), (SessionState::Live, Layer::High));
    assert_eq!(
        session.viewer().await.max_layer,
        Layer::High,
        "the public link gives what the session allows"
    );
    refused(session.patch(&camera.token, &state(SessionState::Open)).await, 403, "not_the_director").await;

    let other = cloud.session_of(session.owner.clone()).await;
    refused(other.patch(&director.token, &state(SessionState::Live)).await, 404, "session_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_lets_nobody_in_until_it_is_opened_again() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (director, camera) = (session.director().await, session.camera("Ada").await);
    let before = session.grant(&director).await;
    session.set(SessionState::Ended).await;
    refused(session.patch(&session.owner, &state(SessionState::Live)).await, 409, "session_ended").await;
    let rename = SessionPatch { name: Some("Monday".to_owned()), ..SessionPatch::default() };
    refused(session.patch(&session.owner, &rename).await, 409, "session_ended").await;
    let direct = cloud.client.post(&session.path("/direct"), Some(&session.owner), &json!({})).await;
    refused(direct, 409, "session_ended").await;
    let publish = cloud.client.post(&session.path("/publish"), Some(&director.token), &json!({})).await;
    refused(publish, 409, "session_ended").await;
    let join = json!({ "code": session.created.camera_code });
    refused(cloud.client.post("/api/join", None, &join).await, 409, "session_ended").await;

    session.set(SessionState::Open).await;
    let key = cloud.server.app().store.publish_key(before.key).await.unwrap().unwrap();
    assert!(
        key.expires_at <= cloud.clock.unix_ms(),
        "what pushed before the end does not push again by itself"
    );
    session.set(SessionState::Live).await;
    assert!(session.grant(&director).await.epoch > before.epoch);
    let mut page = cloud.client.open("/ws/page", &camera.token).await;
    let welcome = page.greet_as_page(None).await;
    assert!(matches!(welcome, CloudToPage::Welcome { .. }), "{welcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_reaches_whoever_is_there() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (director, camera) = (session.director().await, session.camera("Ada").await);
    let mut page = cloud.client.open("/ws/page", &camera.token).await;
    page.greet_as_page(None).await;
    let named = |name: &str| SessionPatch { name: Some(name.to_owned()), ..SessionPatch::default() };
    let changed = session.patch(&director.token, &named(" Evening \u{7}")).await;
    assert_eq!(read::<SessionCreated>(changed, StatusCode::OK).await.session.name, "Evening");
    let told = page.find(|message| match message {
        CloudToPage::Session { session } => Some(session.name),
        _ => None,
    });
    assert_eq!(told.await, "Evening");
    for name in ["", " ", &"x".repeat(121)] {
        refused(session.patch(&director.token, &named(name)).await, 422, "invalid_input").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_learns_where_its_picture_is_and_until_when() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (camera, viewer) = (session.camera("Ada").await, session.viewer().await);
    let stream = async |token: &str| {
        cloud.client.request(Method::POST, &session.path("/streams"), Some(token)).send().await.unwrap()
    };
    refused(stream(&camera.token).await, 403, "not_receiving").await;
    session.set(SessionState::Rehearsal).await;
    let granted: StreamGrant = read(stream(&camera.token).await, StatusCode::OK).await;
    let whep_url = format!("/whep/{}", session.id());
    assert_eq!(granted, StreamGrant { whep_url, max_layer: Layer::High, expires_at: camera.expires_at });
    refused(stream(&viewer.token).await, 403, "not_receiving").await;
    session.set(SessionState::Live).await;
    assert_eq!(read::<StreamGrant>(stream(&viewer.token).await, StatusCode::OK).await.max_layer, Layer::Low);
    let elsewhere = cloud.session_of(session.owner.clone()).await.camera("").await.token;
    refused(stream(&elsewhere).await, 404, "session_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_director_who_comes_twice_is_one_participant() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (first, second) = (session.director().await, session.director().await);
    assert_eq!(first.participant, second.participant);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_grant_is_a_newer_run_of_the_same_session() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let director = session.director().await;
    let (first, second) = (session.grant(&director).await, session.grant(&director).await);
    assert!(second.epoch > first.epoch && second.key > first.key);
    assert_eq!(first.srt.passphrase, second.srt.passphrase);
    assert!((10..=79).contains(&first.srt.passphrase.len()));
    assert_eq!(first.srt.port, cloud.server.ready().srt_port);
    let (high, low) = (&first.srt.stream_id_high, &first.srt.stream_id_low);
    let (high, low) = (StreamId::parse(high).unwrap(), StreamId::parse(low).unwrap());
    assert_eq!((high.session, high.layer, high.key), (session.id(), Layer::High, first.key));
    assert_eq!((low.session, low.layer, low.key), (session.id(), Layer::Low, first.key));
    let day = first.expires_at - cloud.clock.unix_ms();
    assert!((86_000_000..=86_400_000).contains(&day), "{day}");
    assert_ne!(first.srt.passphrase, {
        let other = cloud.session_of(session.owner.clone()).await;
        other.grant(&other.director().await).await.srt.passphrase
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_director_of_this_session_may_push() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let other = cloud.session_of(session.owner.clone()).await;
    let publish =
        async |token: &str| cloud.client.post(&session.path("/publish"), Some(token), &json!({})).await;
    refused(publish(&session.camera("").await.token).await, 403, "not_the_director").await;
    refused(publish(&session.viewer().await.token).await, 403, "not_the_director").await;
    refused(publish(&other.director().await.token).await, 404, "session_not_found").await;
    refused(publish(&session.owner).await, 401, "token_invalid").await;
}
