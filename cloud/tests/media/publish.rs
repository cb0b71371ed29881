//! What publishers meet.

use std::net::SocketAddr;
use std::time::{Instant, SystemTime};

use returnfeed_cloud::media::{AdmissionRefusal, MediaEvent, MediaPlane, StartError};
use returnfeed_protocol::{Layer, Problem};
use returnfeed_srt::{CallerEnd, CallerEvent, Refusal};

use crate::caller::{Keyframes, PublishCaller, Publisher};
use crate::encoder::{KEY, OPUS, Push, VIDEO, key};
use crate::viewer::Viewer;
use crate::{DEADLINE, Server, ask, session};

fn problem(event: &MediaEvent) -> Option<Problem> {
    match event {
        MediaEvent::IngestRefused { problem, .. } => Some(problem.clone()),
        _ => None,
    }
}

fn shortcoming(event: &MediaEvent) -> Option<Problem> {
    match event {
        MediaEvent::IngestImpaired { problem, .. } => Some(problem.clone()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_of_a_push_is_told_to_both_ends() {
    let mut server = Server::start().await;
    let push = server.push(1, Layer::High);
    let mut wrong = PublishCaller::call(&push, "another passphrase").await;
    assert_eq!(wrong.event().await, CallerEvent::Closed(CallerEnd::WrongPassphrase));
    let told = server.event("the refusal", problem).await;
    assert_eq!(told.code, "passphrase_wrong");
    assert!(told.detail.contains("passphrase is wrong"), "{}", told.detail);

    for (admission, refusal) in [
        (AdmissionRefusal::KeyUnknown, Refusal::KeyUnknown),
        (AdmissionRefusal::KeyExpired, Refusal::KeyUnknown),
        (AdmissionRefusal::SessionUnknown, Refusal::SessionUnknown),
        (AdmissionRefusal::SessionEnded, Refusal::SessionEnded),
        (AdmissionRefusal::Unavailable, Refusal::Unavailable),
    ] {
        server.refuse(admission);
        // Another key each time: who is refused often for one stream id is left without an answer.
        let push = Push { key: key(10 + u64::from(refusal.status())), ..push };
        let mut caller = PublishCaller::call(&push, KEY).await;
        assert_eq!(caller.event().await, CallerEvent::Closed(CallerEnd::Refused(refusal)));
        assert_eq!(server.event("the refusal", problem).await.status, refusal.status());
    }
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_too_short_is_told_by_its_setting_and_not_as_a_wrong_passphrase() {
    let mut server = Server::start().await;
    for (n, key_length) in [(1, 16), (2, 24)] {
        let _encoder = server.push(n, Layer::High).ffmpeg_keyed(&[VIDEO, OPUS].concat(), key_length);
        let told = server.event("the refusal", problem).await;
        assert_eq!((told.status, told.code.as_str()), (403, "key_too_short"));
        let given = format!("pbkeylen={key_length}");
        assert!(told.detail.contains(&given) && told.detail.contains("set pbkeylen=32"), "{}", told.detail);
    }
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_key_takes_over_and_an_older_one_is_refused() {
    let server = Server::start().await;
    let older = server.push(1, Layer::High);
    let newer = Push { key: key(2), layer: Layer::Low, ..older };
    let mut first = PublishCaller::call(&older, KEY).await;
    assert!(matches!(first.event().await, CallerEvent::Connected { .. }));
    let mut second = PublishCaller::call(&newer, KEY).await;
    assert!(matches!(second.event().await, CallerEvent::Connected { .. }));
    assert_eq!(first.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    let mut late = PublishCaller::call(&older, KEY).await;
    assert_eq!(late.event().await, CallerEvent::Closed(CallerEnd::Refused(Refusal::Superseded)));
    // Both layers of one key live together.
    let mut other = PublishCaller::call(&Push { layer: Layer::High, ..newer }, KEY).await;
    assert!(matches!(other.event().await, CallerEvent::Connected { .. }));
    assert_eq!(second.step().await, None);
    server.plane.end_session(session(1));
    assert_eq!(second.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    assert_eq!(other.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_codec_that_cannot_be_used_is_named_and_the_rest_flows() {
    let mut server = Server::start().await;
    let aac = [VIDEO, &["-c:a", "aac"]].concat();
    let encoder = server.push(1, Layer::High).ffmpeg_with(&aac);
    server.arrived(1, Layer::High).await;
    let told = server.event("what is said about AAC", shortcoming).await;
    assert_eq!(told.code, "audio_codec");
    assert_eq!(told.detail, "AAC sound cannot go to WebRTC without transcoding: choose Opus");
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    viewer.watch_until("the picture without sound", |viewer| viewer.pictures.len() > 20).await;
    assert!(viewer.sounds.is_empty());
    drop(encoder);

    let hevc = [&["-c:v", "mpeg2video"][..], OPUS].concat();
    let _encoder = server.push(2, Layer::High).ffmpeg_with(&hevc);
    let told = server.event("the refusal of MPEG-2", problem).await;
    assert_eq!(told.code, "video_codec");
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b_frames_are_refused_by_name() {
    let mut server = Server::start().await;
    let codecs = [&["-c:v", "libx264", "-preset", "medium", "-bf", "2", "-g", "30"][..], OPUS].concat();
    let _encoder = server.push(1, Layer::High).ffmpeg_with(&codecs);
    let told = server.event("the refusal of B-frames", problem).await;
    assert_eq!(told.code, "b_frames", "{}", told.detail);
    assert!(told.detail.contains("bframes=0"), "{}", told.detail);
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_told_with_the_setting_to_change() {
    let server = Server::start().await;
    let ports = server.plane.local_ports();
    let gate = std::sync::Arc::clone(&server.gate);
    let srt = returnfeed_cloud::media::MediaConfig {
        srt: SocketAddr::from(([127, 0, 0, 1], ports.srt)),
        ..crate::config()
    };
    let webrtc = returnfeed_cloud::media::MediaConfig {
        webrtc: SocketAddr::from(([127, 0, 0, 1], ports.webrtc)),
        ..crate::config()
    };
    for (config, port) in [(srt, ports.srt), (webrtc, ports.webrtc)] {
        match MediaPlane::start(config, std::sync::Arc::clone(&gate) as _).await {
            Err(error @ StartError::PortInUse { .. }) => {
                assert!(error.to_string().contains(&port.to_string()), "{error}");
            }
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("port {port} was opened twice"),
        }
    }
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn capture_time_travels_and_a_joiner_asks_for_one_keyframe() {
    let mut server = Server::start().await;
    server.plane.set_keyframes_on_request(session(1), true);
    let mut publisher = Publisher::connect(&server.push(1, Layer::High), Keyframes::OnRequest).await;
    publisher.publish_during(server.arrived(1, Layer::High)).await;
    for _ in 0..30 {
        publisher.step().await;
    }
    let mut viewer = Viewer::join(&server.plane, ask(1)).await.unwrap();
    let (begin, mut asked) = (Instant::now(), Vec::new());
    while viewer.pictures.len() < 60 {
        assert!(begin.elapsed() < DEADLINE, "the picture did not come");
        publisher.publish_during(viewer.step()).await;
        while let Ok(event) = server.events.try_recv() {
            if matches!(event, MediaEvent::KeyframeWanted { layer: Layer::High, .. }) {
                asked.push(Instant::now());
                publisher.want_keyframe();
            }
        }
    }
    viewer.assert_one_stream();
    assert!((1..=3).contains(&asked.len()), "asked {} times", asked.len());
    // The joiner saw the old keyframe at once and then the fresh one, nothing between them.
    let keyframes: Vec<usize> = (0..10).filter(|n| viewer.pictures[*n].width().is_some()).collect();
    assert_eq!(keyframes.get(..2), Some(&[0, 1][..]), "the cached and the fresh keyframe come first");
    let captured: Vec<_> = viewer.pictures.iter().filter_map(|picture| picture.captured).collect();
    assert!(captured.len() >= 3, "{} capture times", captured.len());
    for time in captured.iter().skip(1) {
        let age = SystemTime::now().duration_since(*time).unwrap();
        assert!(age < DEADLINE, "a capture time of {age:?} ago");
    }
    server.plane.shutdown().await;
}
