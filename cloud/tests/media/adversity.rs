//! What goes wrong at a publisher, at a viewer or at a stranger: each costs itself alone.

use std::time::{Duration, Instant};

use returnfeed_cloud::media::{MediaConfig, MediaEvent};
use returnfeed_protocol::{Layer, ParticipantId};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::caller::{Keyframes, Publisher};
use crate::encoder::{Push, key};
use crate::viewer::{Ask, Viewer};
use crate::watch::decoded;
use crate::{Server, ask, config, session};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_either_port_costs_its_sender_alone() {
    let mut server = Server::start().await;
    let _encoder = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("the picture", |viewer| !viewer.pictures.is_empty()).await;

    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let ports = server.plane.local_ports();
    let mut noise = Noise(1);
    for n in 0..3_000_usize {
        let mut datagram = noise.bytes(n % 200);
        // Some of it looks like STUN for this very viewer, DTLS, RTP, or an SRT packet.
        match n % 5 {
            0 => datagram.splice(..0, binding_request(&viewer.fragment)).for_each(drop),
            1 => datagram.splice(..0, [22, 254, 253]).for_each(drop),
            2 => datagram.splice(..0, [0x80, 108]).for_each(drop),
            3 => datagram.splice(..0, [0x80, 0, 0, 0]).for_each(drop),
            _ => {}
        }
        for port in [ports.webrtc, ports.srt] {
            stranger.send_to(&datagram, ("127.0.0.1", port)).await.unwrap();
        }
        if n % 50 == 0 {
            viewer.step().await;
        }
    }
    let seen = viewer.pictures.len();
    viewer.watch_until("more pictures", |viewer| viewer.pictures.len() > seen + 60).await;
    viewer.assert_one_stream();
    assert_eq!(viewer.widths(), [640]);
    // The stranger got no picture either.
    let mut buffer = [0; 2048];
    while let Ok(Ok(len)) = tokio::time::timeout(Duration::from_millis(1), stranger.recv(&mut buffer)).await {
        assert!(len < 400, "the stranger was sent {len} bytes");
    }
    server.plane.shutdown().await;
}

/// Bytes that mean nothing, the same in each run.
struct Noise(u64);

impl Noise {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let next = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 56) as u8
        };
        std::iter::repeat_with(next).take(count).collect()
    }
}

/// A STUN binding request for the viewer's fragment, without the password that only the viewer has.
fn binding_request(fragment: &str) -> Vec<u8> {
    let mut name = format!("{fragment}:stranger").into_bytes();
    let length = name.len();
    name.resize(length.next_multiple_of(4), 0);
    let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend([9; 12]);
    request.extend([0, 6, 0, length as u8]);
    request.extend(name);
    let body = (request.len() - 20) as u16;
    request.splice(2..4, body.to_be_bytes());
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_from_a_viewer_s_own_address_costs_not_even_its_own_picture() {
    let mut server = Server::start().await;
    let _encoder = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("the picture", |viewer| !viewer.pictures.is_empty()).await;
    let mut noise = Noise(2);
    for n in 0..3_000_usize {
        let beginning: &[u8] = match n % 10 {
            // Sender report, receiver report, goodbye, feedback of transport and payload (RFC 3550, RFC 4585).
            kind @ 0..5 => &[0x81, [200, 201, 203, 205, 206][kind], 0, 7],
            5 => &[0x90, 108],
            // DTLS, in the clear: a fatal alert, a handshake and data of epoch 0 (RFC 6347 4.1).
            kind @ 6..9 => &[[21, 22, 23][kind - 6], 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40],
            _ => &[],
        };
        let mut datagram = [beginning, &noise.bytes(n % 300)].concat();
        if n % 7 == 0 {
            datagram = binding_request(&viewer.fragment);
        }
        viewer.say(&datagram).await;
        if n % 20 == 0 {
            viewer.step().await;
        }
    }
    let seen = viewer.pictures.len();
    viewer.watch_until("more pictures", |viewer| viewer.pictures.len() > seen + 60).await;
    assert!(!viewer.closed);
    viewer.assert_one_stream();
    assert!(decoded(&viewer.stream()) >= viewer.pictures.len() - 1);
    server.plane.shutdown().await;
}

/// Consent (RFC 7675) is renewed by a browser's checks each 5 s; who renews it no more is not sent to any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_that_reads_no_more_costs_the_others_nothing_and_ends_with_its_consent() {
    let mut server = Server::start().await;
    let _encoder = server.push(1, Layer::High).ffmpeg();
    server.arrived(1, Layer::High).await;
    let mut reader = Viewer::join(&server.plane, ask(1)).await.unwrap();
    reader.watch_until("the picture", |viewer| !viewer.pictures.is_empty()).await;
    let mut stuck = Viewer::join(&server.plane, ask(1)).await.unwrap();
    stuck.watch_until("the picture", |viewer| !viewer.pictures.is_empty()).await;

    // From here on its socket is open, and nobody takes anything out of it.
    let id = {
        let ended = server.event("the end of a viewer session", |event| match event {
            MediaEvent::ViewerLeft { viewer, .. } => Some(*viewer),
            _ => None,
        });
        tokio::pin!(ended);
        loop {
            tokio::select! {
                id = &mut ended => break id,
                () = reader.step() => {}
            }
        }
    };
    assert_eq!(id, stuck.id);
    let seen = reader.pictures.len();
    reader.watch_until("more pictures", |viewer| viewer.pictures.len() > seen + 30).await;
    reader.assert_one_stream();
    assert_eq!(server.plane.viewers(session(1)), 1);
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_joiners_at_once_cost_the_encoder_two_keyframes_a_second() {
    const JOINERS: u8 = 50;
    let config = MediaConfig { max_viewers: usize::from(JOINERS), ..config() };
    let mut server = Server::start_with(config).await;
    server.plane.set_keyframes_on_request(session(1), true);
    let mut publisher = Publisher::connect(&server.push(1, Layer::High), Keyframes::OnRequest).await;
    publisher.publish_during(server.arrived(1, Layer::High)).await;

    let begin = Instant::now();
    let mut joiners = JoinSet::new();
    for n in 0..JOINERS {
        let plane = server.plane.clone();
        let participant = ParticipantId::from_parts(u64::from(n), [n; 10]);
        joiners.spawn(async move {
            let mut viewer = Viewer::join(&plane, Ask { participant, ..ask(1) }).await.unwrap();
            viewer.watch_until("the picture", |viewer| viewer.pictures.len() > 30).await;
            viewer
        });
    }
    let (mut asked, mut watching) = (0, Vec::new());
    while watching.len() < usize::from(JOINERS) {
        tokio::select! {
            Some(joined) = joiners.join_next() => watching.push(joined.unwrap()),
            () = publisher.step() => {}
        }
        while let Ok(event) = server.events.try_recv() {
            if matches!(event, MediaEvent::KeyframeWanted { layer: Layer::High, .. }) {
                asked += 1;
                publisher.want_keyframe();
            }
        }
    }
    let allowed = 1 + begin.elapsed().as_millis() / 500;
    assert!(asked >= 1 && asked <= allowed, "asked {asked} times, {allowed} would be two a second");
    for viewer in &watching {
        viewer.assert_one_stream();
        assert!(viewer.pictures[0].width().is_some(), "it begins with a keyframe");
    }
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_that_vanishes_within_a_keyframe_is_gone_and_the_next_one_s_picture_comes_by_itself() {
    let mut server = Server::start().await;
    let push = server.push(1, Layer::High);
    let mut publisher = Publisher::connect(&push, Keyframes::EachSecond).await;
    publisher.publish_during(server.arrived(1, Layer::High)).await;
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    publisher.publish_during(viewer.watch_until("the picture", |viewer| viewer.pictures.len() > 40)).await;
    publisher.vanish_within_a_keyframe().await;

    // What the page reads as *waiting for the director*.
    server
        .event("the loss of the layer", |event| {
            matches!(event, MediaEvent::LayerLost { layer: Layer::High, .. }).then_some(())
        })
        .await;
    assert!(server.plane.picture(session(1)).layers.is_empty());
    viewer.step().await;
    let (seen, sum) = (viewer.pictures.len(), server.plane.viewers(session(1)));
    assert_eq!(sum, 1, "its viewers are kept");

    let mut publisher = Publisher::connect(&Push { key: key(2), ..push }, Keyframes::EachSecond).await;
    let back = viewer.watch_until("the picture again", |viewer| viewer.pictures.len() > seen + 40);
    publisher.publish_during(back).await;
    viewer.assert_one_stream();
    assert!(decoded(&viewer.stream()) >= viewer.pictures.len() - 1, "half a keyframe went out");
    server.plane.shutdown().await;
}
