//! Into a session without an account, and the ticket for its sockets.

use std::time::Duration;

use reqwest::StatusCode;
use returnfeed_protocol::{
    CloudToDirector, CloudToPage, Epoch, JoinResponse, Layer, Role, SessionPatch, SessionState, SocketTicket,
};
use serde_json::json;

use crate::cloud::{Cloud, read, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_read_as_people_type_it_and_says_the_role() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let code = session.created.camera_code.to_lowercase().replace('-', " ");
    let joined = cloud.client.post("/api/join", None, &json!({ "code": code, "name": " Ada\u{7} " })).await;
    let camera: JoinResponse = read(joined, StatusCode::CREATED).await;
    assert_eq!((camera.role, camera.max_layer), (Role::Camera, Layer::High));
    let viewer = session.viewer().await;
    assert_eq!((viewer.role, viewer.max_layer), (Role::Viewer, Layer::Low));
    assert_ne!(viewer.participant, camera.participant);
    let name = cloud.server.app().store.participant(camera.participant).await.unwrap().unwrap().name;
    assert_eq!(name, "Ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reloaded_page_learns_who_it_is_and_what_it_may_have_now() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let viewer = session.viewer().await;
    let patch = SessionPatch {
        state: Some(SessionState::Live),
        public_layer: Some(Layer::High),
        ..SessionPatch::default()
    };
    session.patch(&session.owner, &patch).await;
    let me: JoinResponse = read(cloud.client.get("/api/me", Some(&viewer.token)).await, StatusCode::OK).await;
    assert_eq!((me.participant, me.token.as_str()), (viewer.participant, viewer.token.as_str()));
    assert_eq!((me.max_layer, me.session.state), (Layer::High, SessionState::Live));
    assert_eq!(me.expires_at, viewer.expires_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_codes_is_told_to_wait_and_who_knows_one_is_not_counted() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    for _ in 0..35 {
        session.camera("").await;
    }
    let guess = async || cloud.client.post("/api/join", None, &json!({ "code": "ABCDE-FGHJK" })).await;
    for _ in 0..30 {
        refused(guess().await, 404, "code_unknown").await;
    }
    let throttled = guess().await;
    assert!(throttled.headers().contains_key("retry-after"));
    refused(throttled, 429, "too_many_attempts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_socket_soon() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let camera = session.camera("").await.token;
    let ticket = cloud.client.ticket(&camera).await;
    let open = async |ticket: &SocketTicket| {
        let mut page = cloud.client.open_by_ticket("/ws/page", ticket).await;
        match page.greet_as_page(None).await {
            CloudToPage::Welcome { .. } => Ok(()),
            CloudToPage::Bye { problem } => Err((problem.status, problem.code)),
            other => panic!("{other:?}"),
        }
    };
    let invalid = || Err((401, "ticket_invalid".to_owned()));
    assert_eq!(open(&ticket).await, Ok(()));
    assert_eq!(open(&ticket).await, invalid(), "it is used up");
    assert_eq!(open(&SocketTicket::new("")).await, invalid());
    let late = cloud.client.ticket(&camera).await;
    cloud.clock.advance(Duration::from_secs(30));
    assert_eq!(open(&late).await, invalid(), "it is too old");
    let in_the_address = cloud.client.ticket(&camera).await.expose().to_owned();
    let events = cloud.client.get(&format!("/api/events?ticket={in_the_address}"), None).await;
    refused(events, 401, "token_missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_has_its_socket() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (camera, director) = (session.camera("").await.token, session.director().await.token);
    let mut wrong = cloud.client.open("/ws/director", &camera).await;
    let CloudToDirector::Bye { problem } = wrong.greet_as_director(Epoch(1)).await else { panic!("let in") };
    assert_eq!((problem.status, problem.code.as_str()), (403, "not_the_director"));
    let mut wrong = cloud.client.open("/ws/page", &director).await;
    let CloudToPage::Bye { problem } = wrong.greet_as_page(None).await else { panic!("let in") };
    assert_eq!((problem.status, problem.code.as_str()), (403, "wrong_socket"));
}
