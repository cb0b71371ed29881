//! Two sessions at once: each participant of one tries everything of the other, and gets nothing.

use reqwest::{Method, StatusCode};
use returnfeed_protocol::{CloudToPage, JoinResponse, Layer, Picture, SessionState, StreamId, Tally};
use serde_json::json;

use crate::cloud::{Cloud, Session, refused};
use crate::picture::{Encoder, OnAir, offer, until};
use crate::socket::Socket;

/// Everybody of a session, with their tokens.
async fn crew(session: &Session) -> Vec<(&'static str, JoinResponse)> {
    vec![
        ("director", session.director().await),
        ("camera", session.camera("Eve").await),
        ("viewer", session.viewer().await),
    ]
}

/// Another account's session, live, on the same server.
async fn neighbour(cloud: &Cloud) -> Session {
    let other = cloud.session_of(cloud.account("eve@example.org").await).await;
    other.set(SessionState::Live).await;
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_of_one_session_opens_anything_of_another() {
    let air = OnAir::start().await;
    let other = neighbour(&air.cloud).await;
    let ada = air.session.camera("Ada").await;
    let held = air.watch(&ada).await;
    let client = &air.cloud.client;
    let session = |rest: &str| air.session.path(rest);
    let invites: serde_json::Value =
        client.get(&session("/invites"), Some(&air.session.owner)).await.json().await.unwrap();
    let invite = invites[0]["id"].as_str().unwrap();
    let ada_at = format!("/participants/{}", ada.participant);
    let calls = [
        (Method::GET, session(""), json!({})),
        (Method::PATCH, session(""), json!({ "state": "ended" })),
        (Method::POST, session("/direct"), json!({})),
        (Method::POST, session("/publish"), json!({})),
        (Method::POST, session("/streams"), json!({})),
        (Method::POST, session("/credentials"), json!({})),
        (Method::POST, session("/credentials/rotate"), json!({})),
        (Method::GET, session("/invites"), json!({})),
        (Method::POST, session("/invites"), json!({ "role": "camera" })),
        (Method::DELETE, session(&format!("/invites/{invite}")), json!({})),
        (Method::GET, session("/participants"), json!({})),
        (Method::PATCH, session(&ada_at), json!({ "name": "Eve" })),
        (Method::DELETE, session(&ada_at), json!({})),
        (Method::POST, session(&format!("{ada_at}/takeover")), json!({ "allow": true })),
        (
            Method::POST,
            session("/participants/swap"),
            json!({ "one": ada.participant, "other": air.director.participant }),
        ),
        (Method::GET, session("/quality"), json!({})),
        (Method::DELETE, held.clone(), json!({})),
        (Method::POST, format!("{held}/layer"), json!({ "rid": "low" })),
        (Method::POST, format!("{held}/events"), json!([])),
    ];
    let mut tokens: Vec<(&str, String)> =
        crew(&other).await.into_iter().map(|(who, joined)| (who, joined.token)).collect();
    tokens.push(("creator", other.owner.clone()));
    for (who, token) in &tokens {
        for (method, path, body) in &calls {
            let answer = client.request(method.clone(), path, Some(token)).json(body).send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(
                matches!(status, StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED),
                "{who}: {method} {path}: {status} {text}"
            );
            assert!(!text.contains("Ada") && !text.contains("Sunday"), "{who}: {method} {path}: {text}");
        }
        if *who != "creator" {
            refused(air.ask(token, "", offer()).await, 404, "session_not_found").await;
        }
    }
    assert!(air.is_watching(&ada, &held).await, "nothing of it was touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_push_of_one_session_reaches_another() {
    let air = OnAir::start().await;
    let other = neighbour(&air.cloud).await;
    let grant = other.grant(&other.director().await).await;
    let media = air.cloud.server.app().media.clone();
    let own = StreamId::parse(&grant.srt.stream_id_high).unwrap();
    let aired = air.session.grant(&air.director).await;
    let theirs = StreamId::parse(&aired.srt.stream_id_high).unwrap();
    // Their session with our key and passphrase; our session's name with their key; theirs with our passphrase.
    for stream in [
        StreamId { session: air.session.id(), ..own.clone() },
        StreamId { key: theirs.key, ..own.clone() },
        theirs.clone(),
    ] {
        let mut encoder = Encoder::push(&grant, &stream.to_string(), &[]);
        crate::process::wait_for(|| encoder.has_ended().then_some(()));
    }
    assert!(media.picture(other.id()).layers.is_empty());
    assert_eq!(media.pushes(air.session.id()).len(), 1, "the push on air is the one that was there");

    // A good push of its own is seen by its own alone.
    let (eve, ada) = (other.viewer().await, air.session.viewer().await);
    let (mut eve_page, mut ada_page) = (page(&air.cloud, &eve).await, page(&air.cloud, &ada).await);
    let _encoder = Encoder::push(&grant, &grant.srt.stream_id_low, &[]);
    let arrives = async || media.picture(other.id()).layers == [Layer::Low];
    until("the neighbour's picture arrives", arrives).await;
    let picture = |message| match message {
        CloudToPage::Picture { picture } => Some(picture),
        _ => None,
    };
    assert_eq!(eve_page.find(picture).await, Picture { layers: vec![Layer::Low] });
    quiet(&mut ada_page).await;
    assert_eq!(media.picture(air.session.id()).layers, [Layer::High]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_one_session_reaches_a_page_of_another() {
    let cloud = Cloud::start().await;
    let session = cloud.session().await;
    let other = neighbour(&cloud).await;
    let (ada, eve) = (session.camera("Ada").await, other.camera("Eve").await);
    let (mut ada_page, mut eve_page) = (page(&cloud, &ada).await, page(&cloud, &eve).await);
    let director = other.director().await;
    let epoch = other.grant(&director).await.epoch;
    let mut uplink = cloud.client.open("/ws/director", &director.token).await;
    uplink.greet_as_director(epoch).await;
    uplink.say_tally(epoch, 1, &[(1, Tally::Program)]).await;
    eve_page.tally().await;
    let moved = json!({ "camera": 1 });
    let path = other.path(&format!("/participants/{}", eve.participant));
    let answer = cloud.client.request(Method::PATCH, &path, Some(&director.token)).json(&moved).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    quiet(&mut ada_page).await;
    // A ticket is a participant's: with the other session's token it opens that session's socket and no other.
    let ticket = cloud.client.ticket(&eve.token).await;
    let mut again = cloud.client.open_by_ticket("/ws/page", &ticket).await;
    let CloudToPage::Welcome { session: welcomed, .. } = again.greet_as_page(None).await else { panic!() };
    assert_eq!(welcomed.id, other.id());
}

async fn page(cloud: &Cloud, who: &JoinResponse) -> Socket {
    let mut page = cloud.client.open("/ws/page", &who.token).await;
    page.greet_as_page(None).await;
    page
}

/// Up to its own pong, a page hears nothing but its own place: all else would have been another's.
async fn quiet(page: &mut Socket) {
    page.say(&returnfeed_protocol::PageToCloud::Ping { n: 1 }).await;
    loop {
        match page.hear::<CloudToPage>().await {
            CloudToPage::Pong { n: 1, .. } => return,
            CloudToPage::Place { .. } | CloudToPage::Cue { cue: None, .. } => {}
            heard => panic!("{heard:?}"),
        }
    }
}
