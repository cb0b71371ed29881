//! The way of a push, measured before there is one.

use std::time::Instant;

use returnfeed_cloud::media::{AdmissionRefusal, MediaEvent};
use returnfeed_protocol::{Layer, StreamProbe};
use returnfeed_srt::{CallerEnd, CallerEvent, Refusal};

use crate::caller::PublishCaller;
use crate::encoder::{KEY, Push};
use crate::{DEADLINE, Server, session};

async fn measure(push: &Push) -> PublishCaller {
    let probe = StreamProbe { session: push.session, key: push.key };
    PublishCaller::call_for(push.port, probe.to_string(), KEY).await
}

fn refused(refusal: Refusal) -> CallerEvent {
    CallerEvent::Closed(CallerEnd::Refused(refusal))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_measured_by_one_at_a_time_and_a_push_ends_it() {
    let mut server = Server::start().await;
    let push = server.push(1, Layer::High);
    let mut probe = measure(&push).await;
    assert!(matches!(probe.event().await, CallerEvent::Connected { .. }));
    assert_eq!(measure(&push).await.event().await, refused(Refusal::Occupied));
    let mut other = measure(&server.push(2, Layer::High)).await;
    assert!(matches!(other.event().await, CallerEvent::Connected { .. }), "another session is another way");

    let mut programme = PublishCaller::call(&push, KEY).await;
    assert!(matches!(programme.event().await, CallerEvent::Connected { .. }));
    assert_eq!(probe.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    assert_eq!(measure(&push).await.event().await, refused(Refusal::Occupied));
    assert_eq!(other.step().await, None);
    server.plane.end_session(session(2));
    assert_eq!(other.event().await, CallerEvent::Closed(CallerEnd::PeerClosed));
    // Nobody's programme was refused by any of it, and none was there but the one.
    while let Ok(event) = server.events.try_recv() {
        assert!(!matches!(event, MediaEvent::IngestRefused { .. }), "{event:?}");
    }
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_push_may_not_measure() {
    let server = Server::start().await;
    let push = server.push(1, Layer::High);
    let probe = StreamProbe { session: push.session, key: push.key }.to_string();
    let mut wrong = PublishCaller::call_for(push.port, probe, "another passphrase").await;
    assert_eq!(wrong.event().await, CallerEvent::Closed(CallerEnd::WrongPassphrase));
    server.refuse(AdmissionRefusal::KeyExpired);
    assert_eq!(measure(&push).await.event().await, refused(Refusal::KeyUnknown));
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_proven_nothing_learns_nothing_of_the_way_and_keeps_nobody_from_it() {
    let server = Server::start().await;
    let push = server.push(1, Layer::High);
    server.keep_waiting();
    let mut stranger = measure(&push).await;
    let end = Instant::now() + DEADLINE;
    while server.asks() == 0 {
        assert!(Instant::now() < end, "the stranger was not asked about");
        assert_eq!(stranger.step().await, None);
    }
    server.admit();
    let mut probe = measure(&push).await;
    assert!(matches!(probe.event().await, CallerEvent::Connected { .. }), "the stranger is in the way");

    let id = StreamProbe { session: push.session, key: push.key }.to_string();
    let mut wrong = PublishCaller::call_for(push.port, id, "another passphrase").await;
    assert_eq!(wrong.event().await, CallerEvent::Closed(CallerEnd::WrongPassphrase));
    assert_eq!(measure(&push).await.event().await, refused(Refusal::Occupied));
    server.refuse(AdmissionRefusal::KeyUnknown);
    assert_eq!(measure(&push).await.event().await, refused(Refusal::KeyUnknown));
    assert_eq!(probe.step().await, None, "none of them ended it");
    server.plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_that_sends_more_than_it_may_is_ended() {
    let server = Server::start().await;
    let mut probe = measure(&server.push(1, Layer::High)).await;
    assert!(matches!(probe.event().await, CallerEvent::Connected { .. }));
    let mut sent = 0;
    let ended = loop {
        for _ in 0..32 {
            sent += if probe.send(&[0; 1316]) { 1316 } else { 0 };
        }
        if let Some(event) = probe.step().await {
            break event;
        }
        assert!(sent < 2 * StreamProbe::MOST_BYTES, "{sent} bytes were taken");
    };
    assert_eq!(ended, CallerEvent::Closed(CallerEnd::PeerClosed));
    assert!(sent > StreamProbe::MOST_BYTES, "{sent}");
    server.plane.shutdown().await;
}
