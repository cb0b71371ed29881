//! What a WHEP player is told beside the picture: server-sent events, over the wire.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use returnfeed_cloud::media::ViewerLimits;
use returnfeed_protocol::SessionState;
use serde_json::{Value, json};

use crate::cloud::{Client, refused};
use crate::picture::OnAir;
use crate::socket::DEADLINE;

/// A stream being read.
pub(crate) struct Events {
    address: String,
    body: Response,
    text: String,
    passed: Vec<(String, Value)>,
}

impl Events {
    pub(crate) async fn open(client: &Client, viewer_session: &str, token: &str, kinds: &Value) -> Self {
        let made = client.post(&format!("{viewer_session}/events"), Some(token), kinds).await;
        assert_eq!(made.status(), StatusCode::CREATED);
        let address = made.headers()["location"].to_str().unwrap().to_owned();
        // Without a token: an EventSource cannot send one.
        let read = client.get(&address, None).await;
        assert_eq!(read.status(), StatusCode::OK);
        assert_eq!(read.headers()["content-type"], "text/event-stream");
        Self { address, body: read, text: String::new(), passed: Vec::new() }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let told =
                    field("event:").map(str::to_owned).zip(field("data:").map(|data| data.parse().unwrap()));
                self.text = rest.to_owned();
                match told {
                    Some(told) => return Some(told),
                    None => continue, // a comment keeps the connection alive
                }
            }
            let chunk = tokio::time::timeout(DEADLINE, self.body.chunk()).await.expect("something was told");
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()?).unwrap());
        }
    }

    /// The first of this kind that was not asked for yet: kinds have no order among each other.
    pub(crate) async fn find(&mut self, kind: &str) -> Value {
        let end = tokio::time::Instant::now() + DEADLINE;
        loop {
            if let Some(at) = self.passed.iter().position(|(name, _)| name == kind) {
                return self.passed.remove(at).1;
            }
            let next = tokio::time::timeout_at(end, self.next()).await;
            let next = next.unwrap_or_else(|_| panic!("{kind} was not told, but {:?}", self.passed));
            let told = next.unwrap_or_else(|| panic!("{kind} was not told before the end"));
            self.passed.push(told);
        }
    }
}

async fn end_stream(air: &OnAir, address: &str) -> Response {
    air.cloud.client.request(Method::DELETE, address, None).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_its_layers_its_viewers_and_its_end_are_told() {
    let mut air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let session = air.watch(&camera).await;
    let kinds = json!(["active", "inactive", "layers", "reconnect", "viewercount"]);
    let mut events = Events::open(&air.cloud.client, &session, &camera.token, &kinds).await;
    assert_eq!(events.find("active").await, json!({}));
    let layers = events.find("layers").await;
    let high = &layers["1"][0];
    assert_eq!((high["rid"].as_str(), layers["1"][1]["rid"].as_str()), (Some("high"), Some("low")));
    assert!(high["bitrate"].as_u64().unwrap() > 10_000, "{layers}");
    assert!(layers["1"][1].get("bitrate").is_none(), "the low layer is inactive");
    assert_eq!(events.find("viewercount").await, json!({ "viewercount": 1 }));

    let other = air.session.camera("Bob").await;
    air.watch(&other).await;
    assert_eq!(events.find("viewercount").await, json!({ "viewercount": 2 }));

    air.encoder.end();
    assert_eq!(events.find("inactive").await, json!({}));
    assert!(events.find("layers").await["1"][0].get("bitrate").is_none());
    refused(air.ask(&other.token, "", crate::picture::offer()).await, 409, "no_publisher").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_viewer_session_and_says_to_come_back_to_those_who_may() {
    let only = json!(["reconnect"]);
    let limits = ViewerLimits { handshake: Duration::from_secs(5), ..ViewerLimits::default() };
    let air = OnAir::start_with(|config| config.viewer_limits = limits).await;
    let viewer = air.session.viewer().await;
    let session = air.watch(&viewer).await;
    let mut events = Events::open(&air.cloud.client, &session, &viewer.token, &only).await;
    let told = events.next().await;
    assert_eq!(told, Some(("reconnect".to_owned(), json!({}))), "it never connected, and may ask again");
    assert_eq!(events.next().await, None);

    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let left = air.watch(&camera).await;
    let mut events = Events::open(&air.cloud.client, &left, &camera.token, &only).await;
    air.cloud.client.request(Method::DELETE, &left, Some(&camera.token)).send().await.unwrap();
    assert_eq!(events.next().await, None, "who left is not called back");

    let session = air.watch(&camera).await;
    let mut events = Events::open(&air.cloud.client, &session, &camera.token, &only).await;
    air.session.set(SessionState::Ended).await;
    assert_eq!(events.next().await, None, "an ended session calls nobody back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_its_player_s_alone_and_there_are_few() {
    let air = OnAir::start().await;
    let (camera, other) = (air.session.camera("Ada").await, air.session.camera("Bob").await);
    let session = air.watch(&camera).await;
    let path = format!("{session}/events");
    let open = async |token: &str, body: Value| air.cloud.client.post(&path, Some(token), &body).await;
    refused(open(&other.token, json!([])).await, 404, "viewer_not_found").await;
    refused(open(&camera.token, json!(["scte35"])).await, 422, "event_unknown").await;
    refused(open(&camera.token, json!({})).await, 422, "invalid_input").await;
    let mut first = Events::open(&air.cloud.client, &session, &camera.token, &json!(["active"])).await;
    let _second = Events::open(&air.cloud.client, &session, &camera.token, &json!(["active"])).await;
    refused(open(&camera.token, json!([])).await, 409, "too_many_event_streams").await;
    first.find("active").await;
    assert_eq!(end_stream(&air, &first.address).await.status(), StatusCode::OK);
    refused(end_stream(&air, &first.address).await, 404, "event_stream_not_found").await;
    refused(air.cloud.client.get(&first.address, None).await, 404, "event_stream_not_found").await;
    assert_eq!(first.next().await, None);
    assert_eq!(open(&camera.token, json!([])).await.status(), StatusCode::CREATED);
}
