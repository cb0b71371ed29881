//! The same conversation by server-sent events and POST.

use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use returnfeed_protocol::{CloudToPage, PROTOCOL_VERSION, PageToCloud, SessionState, Tally};
use tokio::time::timeout;

use crate::cloud::{Cloud, refused};
use crate::socket::{Crew, DEADLINE, camera_number, word};

/// An event stream that is read line by line.
struct Events {
    response: Response,
    unread: String,
}

impl Events {
    async fn open(cloud: &Cloud, token: &str) -> (Self, String) {
        let request = cloud.client.request(Method::GET, "/api/events", Some(token));
        let response = request.header("accept-encoding", "gzip").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"), "compression would hold events back");
        let mut events = Self { response, unread: String::new() };
        let first = events.next().await.unwrap();
        let stream = first.strip_prefix("event: stream\ndata: ").expect("the first event names the stream");
        (events, stream.to_owned())
    }

    /// The next event, or `None` at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.unread = rest;
                if event.starts_with(':') {
                    continue; // a comment that keeps the connection alive
                }
                return Some(event);
            }
            let chunk = timeout(DEADLINE, self.response.chunk()).await.expect("something comes in time");
            self.unread.push_str(std::str::from_utf8(&chunk.unwrap()?).unwrap());
        }
    }

    /// The next message that is no cue: what the director says to operators is not what is tried here.
    async fn hear(&mut self) -> CloudToPage {
        loop {
            let event = self.next().await.unwrap();
            let message = serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
            if !matches!(message, CloudToPage::Cue { .. }) {
                return message;
            }
        }
    }
}

async fn say(cloud: &Cloud, stream: &str, token: &str, message: &PageToCloud) -> Response {
    cloud.client.post(&format!("/api/events/{stream}"), Some(token), message).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_websocket_follows_the_tally() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let camera = session.camera("Ada").await;
    let (mut events, stream) = Events::open(&cloud, &camera.token).await;
    let hello =
        PageToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: None, camera: Some(camera_number(1)) };
    assert_eq!(say(&cloud, &stream, &camera.token, &hello).await.status(), StatusCode::NO_CONTENT);
    let welcome = events.hear().await;
    assert!(
        matches!(&welcome, CloudToPage::Welcome { participant, .. } if *participant == camera.participant)
    );

    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(epoch).await;
    uplink.say_tally(epoch, 1, &[(1, Tally::Program)]).await;
    assert!(matches!(events.hear().await, CloudToPage::Place { .. }));
    let mut heard = events.hear().await;
    while matches!(heard, CloudToPage::Cue { .. }) {
        heard = events.hear().await;
    }
    let CloudToPage::Tally { state, .. } = heard else { panic!("a tally was expected: {heard:?}") };
    assert_eq!(state, word(epoch, 1, &[(1, Tally::Program)]));

    say(&cloud, &stream, &camera.token, &PageToCloud::Ping { n: 3 }).await;
    while !matches!(events.hear().await, CloudToPage::Pong { n: 3, .. }) {}
    session.set(SessionState::Ended).await;
    assert!(matches!(events.hear().await, CloudToPage::Bye { problem } if problem.code == "session_ended"));
    assert_eq!(events.next().await, None, "the stream ends after the farewell");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_websocket_is_told_when_the_server_is_about_to_end() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let ada = session.camera("Ada").await.token;
    let (mut events, stream) = Events::open(&cloud, &ada).await;
    let hello = PageToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: None, camera: None };
    say(&cloud, &stream, &ada, &hello).await;
    while !matches!(events.hear().await, CloudToPage::Welcome { .. }) {}
    cloud.server.drain(Instant::now() + DEADLINE);
    loop {
        if let CloudToPage::Draining { within_ms, elsewhere } = events.hear().await {
            assert!(Duration::from_millis(within_ms) <= DEADLINE && !elsewhere);
            break;
        }
    }
    assert_eq!(
        say(&cloud, &stream, &ada, &PageToCloud::Ping { n: 1 }).await.status(),
        StatusCode::NO_CONTENT,
        "it goes on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_in_anothers_stream() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let (ada, bob) = (session.camera("Ada").await.token, session.camera("Bob").await.token);
    let (events, stream) = Events::open(&cloud, &ada).await;
    let hello = PageToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: None, camera: None };
    refused(say(&cloud, &stream, &bob, &hello).await, 404, "stream_not_found").await;
    refused(say(&cloud, "nonsense", &ada, &hello).await, 404, "stream_not_found").await;
    let without = cloud.client.request(Method::POST, &format!("/api/events/{stream}"), None).json(&hello);
    refused(without.send().await.unwrap(), 401, "token_missing").await;
    assert_eq!(say(&cloud, &stream, &ada, &hello).await.status(), StatusCode::NO_CONTENT);
    drop(events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_skips_its_hello_is_dismissed_both_ways() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let ada = session.camera("Ada").await.token;
    let (mut events, stream) = Events::open(&cloud, &ada).await;
    refused(say(&cloud, &stream, &ada, &PageToCloud::Ping { n: 1 }).await, 400, "hello_expected").await;
    assert!(matches!(events.hear().await, CloudToPage::Bye { problem } if problem.code == "hello_expected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_left_is_a_page_that_is_gone() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let ada = session.camera("Ada").await.token;
    let director = session.director().await;
    let epoch = session.grant(&director).await.epoch;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(epoch).await;
    let (events, stream) = Events::open(&cloud, &ada).await;
    let hello = PageToCloud::Hello { protocol: PROTOCOL_VERSION, ticket: None, camera: None };
    say(&cloud, &stream, &ada, &hello).await;
    let mut crew = Crew::default();
    uplink.people(&mut crew, |operators, _| operators.len() == 1).await;
    drop(events);
    uplink.people(&mut crew, |operators, _| operators.is_empty()).await;
    refused(say(&cloud, &stream, &ada, &PageToCloud::Ping { n: 1 }).await, 404, "stream_not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_whose_page_is_silent_is_ended() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let ada = session.camera("Ada").await.token;
    let (mut events, _) = Events::open(&cloud, &ada).await;
    let bye = timeout(2 * DEADLINE, events.hear()).await.expect("silence is noticed");
    assert!(matches!(&bye, CloudToPage::Bye { problem } if problem.code == "connection_silent"), "{bye:?}");
    assert_eq!(events.next().await, None);
}
