//! What a WHEP player may not take from others, and how it ends when its right does.

use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use returnfeed_cloud::api::whep::ice_servers::IceServers;
use returnfeed_cloud::config::Config;
use returnfeed_cloud::media::ViewerLimits;

use crate::cloud::refused;
use crate::picture::{OnAir, offer, until};

async fn with(limits: ViewerLimits, change: impl FnOnce(&mut Config)) -> OnAir {
    OnAir::start_with(|config| {
        config.viewer_limits = limits;
        change(config);
    })
    .await
}

fn usual() -> ViewerLimits {
    ViewerLimits { handshake: Duration::from_secs(120), ..ViewerLimits::default() }
}

fn retry_after(response: &Response) -> u32 {
    response.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_offers_that_never_connect_take_no_place_from_another_address() {
    let limits = ViewerLimits {
        per_participant: 1_000,
        unfinished_per_address: 20,
        handshake: Duration::from_secs(2),
        ..usual()
    };
    let air = with(limits, |config| {
        config.max_viewers = 30;
        config.whep_offers_per_minute = 2_000;
    })
    .await;
    let camera = air.session.camera("Ada").await;
    let media = &air.cloud.server.app().media;
    let (mut taken, mut refusals) = (0, 0);
    for _ in 0..1_000 {
        let answer = air.ask(&camera.token, "", offer()).await;
        match answer.status() {
            StatusCode::CREATED => taken += 1,
            StatusCode::TOO_MANY_REQUESTS => {
                assert!(retry_after(&answer) > 0);
                refused(answer, 429, "too_many_unfinished").await;
                refusals += 1;
            }
            other => panic!("{other}"),
        }
        assert!(media.viewers(air.session.id()) <= 20);
    }
    assert!(taken >= 20 && refusals > 0, "{taken} taken, {refusals} refused");
    let elsewhere = air.cloud.client.at_address(IpAddr::from([127, 0, 0, 2]));
    let path = format!("/whep/{}", air.session.id());
    let request = elsewhere.request(Method::POST, &path, Some(&camera.token));
    let made = request.header("content-type", "application/sdp").body(offer()).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    until("each that never connected ends", async || media.viewers(air.session.id()) == 0).await;
    assert_eq!(air.ask(&camera.token, "", offer()).await.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bound_has_its_code_and_says_when_to_come_back() {
    let air = with(ViewerLimits { per_participant: 2, per_session: 3, ..usual() }, |config| {
        config.max_viewers = 4;
    })
    .await;
    let (camera, other) = (air.session.camera("Ada").await, air.session.camera("Bob").await);
    let first = air.watch(&camera).await;
    air.watch(&camera).await;
    let third = air.ask(&camera.token, "", offer()).await;
    assert!(retry_after(&third) > 0);
    refused(third, 429, "too_many_viewer_sessions").await;
    air.watch(&other).await;
    let full = air.ask(&other.token, "", offer()).await;
    assert!(retry_after(&full) > 0);
    refused(full, 503, "session_full").await;
    air.cloud.client.request(Method::DELETE, &first, Some(&camera.token)).send().await.unwrap();
    air.watch(&other).await;

    let air = with(usual(), |config| config.max_viewers = 1).await;
    let camera = air.session.camera("Ada").await;
    air.watch(&camera).await;
    let full = air.ask(&camera.token, "", offer()).await;
    assert!(retry_after(&full) > 0);
    refused(full, 503, "server_full").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_of_one_address_are_counted_by_the_minute() {
    let air = with(usual(), |config| config.whep_offers_per_minute = 3).await;
    let camera = air.session.camera("Ada").await;
    for _ in 0..3 {
        refused(air.ask(&camera.token, "", "nonsense".to_owned()).await, 400, "sdp_invalid").await;
    }
    let fourth = air.ask(&camera.token, "", offer()).await;
    assert!((1..=60).contains(&retry_after(&fourth)));
    refused(fourth, 429, "too_many_attempts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_session_ends_with_the_token_it_was_made_by() {
    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let left = Duration::from_secs(3);
    air.cloud.clock.advance(Duration::from_secs(86_400) - left);
    let address = air.watch(&camera).await;
    assert!(air.is_watching(&camera, &address).await);
    until("the end of the token", async || !air.is_watching(&camera, &address).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_is_told_the_public_address_and_the_servers_that_help_it_there() {
    let air = with(usual(), |config| {
        config.public_addresses = vec![IpAddr::from([203, 0, 113, 5])];
        config.ice_servers = IceServers {
            stun: vec!["stun:stun.example.org:3478".to_owned()],
            turn: vec!["turn:turn.example.org:3478?transport=tcp".to_owned()],
            turn_secret: Some("north".into()),
        };
    })
    .await;
    let camera = air.session.camera("Ada").await;
    let made = air.ask(&camera.token, "", offer()).await;
    let links: Vec<&str> = made.headers().get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
    let servers: Vec<&&str> = links.iter().filter(|link| link.contains("rel=\"ice-server\"")).collect();
    let [stun, turn] = servers.as_slice() else { panic!("{links:?}") };
    assert_eq!(**stun, "<stun:stun.example.org:3478>; rel=\"ice-server\"");
    for part in [
        "<turn:turn.example.org:3478?transport=tcp>; rel=\"ice-server\"".to_owned(),
        format!(":{}\"; credential=\"", camera.participant),
        "credential-type=\"password\"".to_owned(),
    ] {
        assert!(turn.contains(&part), "{turn}");
    }
    let port = air.cloud.server.ready().webrtc_port;
    let answer = made.text().await.unwrap();
    let candidates: Vec<&str> = answer.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    let at = format!(" 203.0.113.5 {port} typ host");
    for transport in [" udp ", " tcp "] {
        let of = candidates.iter().find(|line| line.to_lowercase().contains(transport)).unwrap();
        assert!(of.contains(&at), "{of}");
    }
    assert!(candidates.iter().all(|line| line.contains("203.0.113.5")), "{candidates:?}");
    assert!(candidates.iter().any(|line| line.contains("tcptype passive")), "{candidates:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_datagrams_are_counted_and_cost_nobody_anything() {
    let air = OnAir::start().await;
    let camera = air.session.camera("Ada").await;
    let address = air.watch(&camera).await;
    let strays = async || {
        let metrics =
            reqwest::get(format!("http://127.0.0.1:{}/metrics", air.cloud.server.ready().metrics_port));
        let text = metrics.await.unwrap().text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("egress_stray_datagrams_total "));
        line.map_or(0, |count| count.trim().parse::<u64>().unwrap())
    };
    let before = strays().await;
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let kinds: [&[u8]; 5] = [
        &[0x80, 108, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff],
        &[0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1],
        &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
        &[0xff; 1_200],
    ];
    let target = ("127.0.0.1", air.cloud.server.ready().webrtc_port);
    for kind in kinds {
        for _ in 0..4 {
            stranger.send_to(kind, target).unwrap();
        }
    }
    until("all are counted", async || strays().await >= before + 20).await;
    assert!(air.is_watching(&camera, &address).await);
    let other = air.session.camera("Bob").await;
    air.watch(&other).await;
}
