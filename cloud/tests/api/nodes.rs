//! Several servers, one session: its push at one of them, its viewers asking at others, with real encoders and players.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::{Method, Response, StatusCode};
use returnfeed_cloud::config::{BusPlace, Place, Role};
use returnfeed_cloud::media::MediaPlane;
use returnfeed_cloud::nodes::PullSecrets;
use returnfeed_protocol::{
    CloudToPage, JoinResponse, Layer, SessionCreated, SessionPatch, SessionState, ViewerId,
};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::bus::server;
use crate::cloud::{Client, Cloud, Session, read, refused};
use crate::picture::{Encoder, ask, offer, until};
use crate::player::Player;
use crate::postgres::{name_for, shared};
use crate::socket::{DEADLINE, Socket};
use crate::whep_events::Events;

/// A server, and where viewers reach it.
struct Node {
    cloud: Cloud,
    url: String,
    /// Led nowhere else by an answer.
    client: Client,
}

/// Servers of the same sessions, each with its own role; a session at the first of them, on air.
struct Farm {
    nodes: Vec<Node>,
    session: Session,
    director: JoinResponse,
    viewer: JoinResponse,
    _dir: TempDir,
}

impl Farm {
    async fn start(roles: &[Role]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = shared().database(&name_for(dir.path()));
        let mut nodes: Vec<Node> = Vec::new();
        for role in roles {
            let port = free_port();
            let url = format!("https://localhost:{port}");
            let place = Place { role: *role, url: Some(url.clone()) };
            let first = nodes.first().map(|node| &node.cloud);
            let cloud = server(&database, &BusPlace::Database, first, |config| {
                config.https = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
                config.place = place;
            });
            let cloud = cloud.await;
            let client = cloud.client.at_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
            nodes.push(Node { cloud, url, client });
        }
        let session = nodes[0].cloud.session().await;
        let patch = SessionPatch {
            state: Some(SessionState::Live),
            public_layer: Some(Layer::High),
            ..SessionPatch::default()
        };
        read::<SessionCreated>(session.patch(&session.owner, &patch).await, StatusCode::OK).await;
        let (director, viewer) = (session.director().await, session.viewer().await);
        Self { nodes, session, director, viewer, _dir: dir }
    }

    /// A push to this server.
    async fn push(&self, node: usize) -> Encoder {
        let Session { owner, created, .. } = &self.session;
        let client = self.nodes[node].client.clone();
        let there = Session { owner: owner.clone(), created: created.clone(), client };
        let encoder = Encoder::start(&there.grant(&self.director).await);
        until("the push arrives", async || self.arrives(node)).await;
        encoder
    }

    fn arrives(&self, node: usize) -> bool {
        !self.media(node).picture(self.session.id()).layers.is_empty()
    }

    /// The viewer asks this server.
    async fn ask(&self, node: usize) -> Response {
        ask(&self.nodes[node].client, &self.session, &self.viewer.token, "?layer=high", offer()).await
    }

    /// Where this server sends the viewer to, once it knows.
    async fn sent_by(&self, node: usize) -> String {
        let begun = Instant::now();
        loop {
            let answer = self.ask(node).await;
            if answer.status() == StatusCode::TEMPORARY_REDIRECT {
                return answer.headers()["location"].to_str().unwrap().to_owned();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{answer:?}");
            tokio::time::sleep(Duration::from_millis(100)).await; // a player's own wait, shortened
        }
    }

    /// A player that followed, and whose browser kept the token back.
    async fn follow(&self, node: usize, location: &str) -> Response {
        self.follow_with(node, location, offer()).await
    }

    async fn follow_with(&self, node: usize, location: &str, offer: String) -> Response {
        let Node { url, client, .. } = &self.nodes[node];
        let path = location.strip_prefix(url).unwrap_or_else(|| panic!("{location} is not at {url}"));
        let request = client.request(Method::POST, path, None);
        request.header("content-type", "application/sdp").body(offer).send().await.unwrap()
    }

    fn media(&self, node: usize) -> &MediaPlane {
        &self.nodes[node].cloud.server.app().media
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_is_sent_to_the_server_that_has_the_push_and_let_in_without_its_token() {
    let farm = Farm::start(&[Role::All, Role::All]).await;
    refused(farm.ask(1).await, 409, "no_publisher").await;
    let _encoder = farm.push(0).await;
    let location = farm.sent_by(1).await;
    assert!(location.contains("layer=high"), "{location}");
    let made = farm.follow(0, &location).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let there = &farm.nodes[0];
    let links: Vec<_> = made.headers().get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
    assert!(links.iter().any(|link| link.starts_with(&format!("<{}/whep/", there.url))), "{links:?}");
    let address = made.headers()["location"].to_str().unwrap();
    let path = address.strip_prefix(&there.url).unwrap();
    let ended = there.client.request(Method::DELETE, path, Some(&farm.viewer.token)).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::OK);

    // The pass is for this door, and for a moment.
    let pass = location.split("pass=").nth(1).unwrap().split('&').next().unwrap();
    let elsewhere = there.client.get("/api/me", Some(pass)).await;
    refused(elsewhere, 401, "token_invalid").await;
    there.cloud.clock.advance(Duration::from_secs(31));
    refused(farm.follow(0, &location).await, 401, "token_expired").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_told_of_a_picture_that_is_at_another_server() {
    let farm = Farm::start(&[Role::All, Role::All]).await;
    let mut page = farm.nodes[1].cloud.client.open("/ws/page", &farm.viewer.token).await;
    page.greet_as_page(None).await;
    let mut encoder = farm.push(0).await;
    let told = async |page: &mut Socket, layers: &[Layer]| {
        let picture = |message| match message {
            CloudToPage::Picture { picture } if picture.layers == layers => Some(()),
            _ => None,
        };
        page.find(picture).await;
    };
    told(&mut page, &[Layer::High]).await;
    encoder.end();
    told(&mut page, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_push_at_another_server_ends_the_older_one_and_viewers_are_sent_there() {
    let farm = Farm::start(&[Role::All, Role::All]).await;
    let mut old = farm.push(0).await;
    let watching = farm.ask(0).await;
    assert_eq!(watching.status(), StatusCode::CREATED);
    let _new = farm.push(1).await;
    until("the older push ends", async || !farm.arrives(0)).await;
    old.end();
    assert_eq!(farm.media(0).viewers(farm.session.id()), 0, "they ask again");
    let location = farm.sent_by(0).await;
    assert_eq!(farm.follow(1, &location).await.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_keeps_its_viewers_while_no_edge_lives_and_one_that_drains_takes_nobody_new() {
    let farm = Farm::start(&[Role::Origin]).await;
    let _encoder = farm.push(0).await;
    assert_eq!(farm.ask(0).await.status(), StatusCode::CREATED);
    farm.nodes[0].cloud.server.drain(Instant::now() + Duration::from_secs(20));
    let answer = farm.ask(0).await;
    assert!(answer.headers().contains_key("retry-after"));
    refused(answer, 503, "server_stopping").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_fetches_what_its_viewers_watch_and_follows_the_push_to_another_origin() {
    let mut farm = Farm::start(&[Role::Origin, Role::Origin, Role::Edge]).await;
    let session = farm.session.id();
    refused(farm.ask(2).await, 409, "no_publisher").await;
    let _first = farm.push(0).await;
    let location = farm.sent_by(0).await;
    let (player, offer) = Player::offering().await;
    let made = farm.follow_with(2, &location, offer).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let viewer: ViewerId =
        made.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let answer = made.text().await.unwrap();
    let sheet = async {
        until("a picture goes out", async || farm.media(2).given(session, viewer).is_some()).await;
        let Node { cloud, .. } = farm.nodes.remove(0);
        cloud.server.stop().await;
        until("the picture ends", async || farm.media(1).picture(session).layers.is_empty()).await;
        let _second = farm.push(0).await; // what was the second server
        let edge = farm.media(1);
        let moved = async || edge.pushes(session).iter().any(|push| push.messages > 0) && farm.arrives(1);
        until("the edge fetches it from there", moved).await;
        let watches = edge.has_viewer(session, viewer, farm.viewer.participant);
        assert!(watches, "the viewer session went on");
    };
    player.play_during(&answer, sheet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_that_drains_sends_its_viewers_and_pages_to_the_others() {
    let farm = Farm::start(&[Role::Origin, Role::Edge, Role::Edge]).await;
    let session = farm.session.id();
    let _encoder = farm.push(0).await;
    let edge = &farm.nodes[1];
    until("the edge hears of the push", async || farm.ask(1).await.status() == StatusCode::CREATED).await;
    let made = farm.ask(1).await;
    let viewer_session = made.headers()["location"].to_str().unwrap();
    let viewer: ViewerId = viewer_session.rsplit('/').next().unwrap().parse().unwrap();
    let mut events =
        Events::open(&edge.client, viewer_session, &farm.viewer.token, &json!(["reconnect"])).await;
    let mut page = edge.cloud.client.open("/ws/page", &farm.viewer.token).await;
    page.greet_as_page(None).await;

    edge.cloud.server.drain(Instant::now() + Duration::from_secs(4));
    let elsewhere = |message| match message {
        CloudToPage::Draining { elsewhere, .. } => Some(elsewhere),
        _ => None,
    };
    assert!(page.find(elsewhere).await, "another server takes the page");
    assert_eq!(events.find("reconnect").await, json!({}));
    assert!(
        farm.media(1).has_viewer(session, viewer, farm.viewer.participant),
        "its picture goes on until it has another"
    );
    let location = farm.sent_by(1).await;
    assert_eq!(farm.follow(2, &location).await.status(), StatusCode::CREATED);
    let location = farm.sent_by(0).await;
    assert!(location.starts_with(&farm.nodes[2].url), "{location}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_program_that_knows_the_pepper_requests_what_arrives() {
    let farm = Farm::start(&[Role::Origin]).await;
    let _encoder = farm.push(0).await;
    let cloud = &farm.nodes[0].cloud;
    let pepper = std::fs::read_to_string(cloud.dir.path().join("data/pepper")).unwrap();
    let session = farm.session.id();
    let passphrase = PullSecrets::new(&pepper.trim().into()).passphrase(session);
    let from = format!(
        "srt://127.0.0.1:{}?mode=caller&transtype=live&passphrase={}&streamid=#!::m=request,r={session},layer=high",
        cloud.server.ready().srt_port,
        passphrase.expose_secret()
    );
    let mut ffmpeg = tokio::process::Command::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error", "-i", &from, "-frames:v", "30", "-f", "null", "-"]).kill_on_drop(true);
    let ended = timeout(2 * DEADLINE, ffmpeg.stdin(Stdio::null()).output()).await;
    let ended = ended.expect("thirty pictures are decoded in time").unwrap();
    assert!(ended.status.success(), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_takes_no_push() {
    let farm = Farm::start(&[Role::Origin, Role::Edge]).await;
    let Session { owner, created, .. } = &farm.session;
    let client = farm.nodes[1].client.clone();
    let there = Session { owner: owner.clone(), created: created.clone(), client };
    let encoder = Mutex::new(Encoder::start(&there.grant(&farm.director).await));
    until("ffmpeg gives up", async || encoder.lock().unwrap().has_ended()).await;
    assert!(!farm.arrives(1));
}
