//! What every answer has around it, and what is not there.

use reqwest::{Method, StatusCode};
use returnfeed_protocol::SessionState;

use crate::cloud::{Cloud, refused};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_in_the_same_shape() {
    let cloud = Cloud::start().await;
    refused(cloud.client.get("/api/nothing", None).await, 404, "no_such_route").await;
    refused(cloud.client.get("/wp-admin.php", None).await, 404, "no_such_route").await;
    let put = cloud.client.request(Method::PUT, "/api/login", None).send().await.unwrap();
    refused(put, 405, "method_not_allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_is_refused_by_what_is_wrong_with_it() {
    let cloud = Cloud::start().await;
    let login = |body: String, kind: &str| {
        cloud.client.request(Method::POST, "/api/login", None).header("content-type", kind).body(body).send()
    };
    let json = "application/json";
    refused(login("{".to_owned(), json).await.unwrap(), 400, "json_invalid").await;
    refused(login("{}".to_owned(), "text/plain").await.unwrap(), 415, "content_type_wrong").await;
    refused(login("{}".to_owned(), json).await.unwrap(), 422, "invalid_input").await;
    let long = format!("{{\"email\":\"{}\"}}", "x".repeat(70_000));
    refused(login(long, json).await.unwrap(), 413, "body_too_large").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_guarded_and_has_an_id() {
    let cloud = Cloud::start().await;
    for path in ["/", "/api/me", "/nothing", "/healthz"] {
        let answer = cloud.client.get(path, None).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("default-src 'self'"), "{path}");
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-request-id").len(), 8, "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
    }
    let (one, two) = (cloud.client.get("/", None).await, cloud.client.get("/", None).await);
    assert_ne!(one.headers()["x-request-id"], two.headers()["x-request-id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_port_answers_plain_http_to_this_machine() {
    let cloud = Cloud::start().await;
    let port = cloud.server.ready().https_port;
    let plain = reqwest::get(format!("http://127.0.0.1:{port}/healthz")).await.unwrap();
    assert_eq!((plain.status(), plain.text().await.unwrap().as_str()), (StatusCode::OK, "ok"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_holds_up_nobody() {
    let cloud = Cloud::start().await;
    let port = cloud.server.ready().https_port;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    assert_eq!(cloud.client.get("/readyz", None).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_receives_what_the_state_and_the_role_allow() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (camera, viewer) = (session.camera("").await.token, session.viewer().await.token);
    let app = cloud.server.app();
    let receives = async |token: &str| {
        let claims = app.tokens.read_session(token).unwrap();
        app.receiving(&claims)
            .await
            .map(|receiving| receiving.max_layer)
            .map_err(|problem| problem.code().to_owned())
    };
    use returnfeed_protocol::Layer;
    let refused = || Err("not_receiving".to_owned());
    let table = [
        (SessionState::Open, refused(), refused()),
        (SessionState::Rehearsal, Ok(Layer::High), refused()),
        (SessionState::Live, Ok(Layer::High), Ok(Layer::Low)),
        (SessionState::Ended, refused(), refused()),
    ];
    for (state, to_camera, to_viewer) in table {
        session.set(state).await;
        assert_eq!((receives(&camera).await, receives(&viewer).await), (to_camera, to_viewer), "{state}");
    }
}
